import Glibc
import Logging
import Processes
import Supervision
import Synchronization
import Training

/// The agent of a machine: from its start to the machine's power-off.
enum AgentProcess {
    /// Exit code of an agent that was told something unusable (`EX_CONFIG`).
    private static let badConfiguration: Int32 = 78

    /// Runs until the machine is to be powered off: 0.
    ///
    /// Any other code is a crash. Must be the first thing that the process does: it blocks signals
    /// in the main thread, for all threads to inherit.
    static func run(_ arguments: [String]) -> Never {
        guard let signals = SignalQueue(taking: [SIGTERM, SIGINT, SIGHUP, SIGPIPE]) else {
            exit(71)
        }
        guard let options = AgentOptions(arguments) else {
            MachineLog.error(AgentOptions.usage)
            exit(64)
        }
        // Orphans of the run become ours, not init's.
        Subreaper.enable()
        Task.detached { exit(await run(options, signals)) }
        while true { pause() }
    }

    private static func run(_ options: AgentOptions, _ signals: SignalQueue) async -> Int32 {
        do throws(AgentFailure) {
            let disk = try MachineDisk(root: options.disk)
            let place: any MachinePlace =
                switch options.place {
                case .local(let metadata): try await LocalMachine(metadata: metadata)
                case .cloud(let configuration):
                    try await CloudMachine(
                        configuration: configuration, environment: Command.currentEnvironment)
                }
            let shutdown = Shutdown(signals)
            let end = try await live(place, disk, shutdown)
            MachineLog.error("power off (\(end.how.rawValue)): \(end.reason)")
            // A system that goes down already needs no push, and goes where it was sent.
            if !shutdown.isUnderWay { try await place.powerOff(end.how, disk) }
            return 0
        } catch {
            MachineLog.error("\(error)")
            return badConfiguration
        }
    }

    private static func live(
        _ place: any MachinePlace, _ disk: MachineDisk, _ shutdown: Shutdown
    ) async throws(AgentFailure) -> (how: PowerOff, reason: String) {
        let journal = JournalHandler(path: disk.agentLog, clock: place.ports.clock)
        let logger = Logger(label: "reconcile-agent") { _ in journal }
        let loop = AgentLoop(
            configuration: place.configuration, identity: place.identity, disk: disk,
            ports: place.ports, logger: logger, adoptsOrphans: true)
        return await loop.run(shutdowns: shutdown.requests)
    }
}

/// Requests of the system that this process should end: SIGTERM and SIGINT.
///
/// A hang-up and a broken pipe are nothing.
final class Shutdown: Sendable {
    let requests: AsyncStream<Void>
    private let wasAsked = Mutex(false)

    var isUnderWay: Bool { wasAsked.withLock { $0 } }

    init(_ signals: SignalQueue) {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        requests = stream
        Task.detached {
            while true {
                let signal = await signals.next(within: .seconds(3_600))
                guard signal == SIGTERM || signal == SIGINT else { continue }
                self.wasAsked.withLock { $0 = true }
                continuation.yield()
            }
        }
    }
}
