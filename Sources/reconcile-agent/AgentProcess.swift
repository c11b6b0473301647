import Glibc
import Local
import Logging
import Processes
import Supervision
import Training

/// Wiring of the agent under the embedded provider: metadata and store are directories.
enum AgentProcess {
    /// Exit code of an agent that was told something unusable (`EX_CONFIG`).
    private static let badConfiguration: Int32 = 78

    /// Runs until the machine is to be powered off: 0.
    ///
    /// Any other code is a crash of the machine. Must be the first thing that the process does: it
    /// blocks signals in the main thread, for all threads to inherit.
    static func run(_ arguments: [String]) -> Never {
        guard let signals = SignalQueue(taking: [SIGTERM, SIGINT, SIGHUP, SIGPIPE]) else {
            exit(71)
        }
        guard let options = options(arguments) else {
            MachineLog.error("usage: reconcile-agent run --metadata DIRECTORY --disk DIRECTORY")
            exit(64)
        }
        // Orphans of the run become ours, not init's.
        Subreaper.enable()
        Task.detached { exit(await run(options, signals)) }
        while true { pause() }
    }

    private static func run(
        _ options: (metadata: String, disk: String), _ signals: SignalQueue
    ) async -> Int32 {
        do {
            let disk = try MachineDisk(root: options.disk)
            let end = try await live(options, disk, signals)
            MachineLog.error("power off (\(end.how.rawValue)): \(end.reason)")
            try disk.note(powerOff: end.how)
            return 0
        } catch {
            MachineLog.error("\(error)")
            return badConfiguration
        }
    }

    private static func live(
        _ options: (metadata: String, disk: String), _ disk: MachineDisk, _ signals: SignalQueue
    ) async throws(AgentFailure) -> (how: PowerOff, reason: String) {
        let metadata = DirectoryMetadata(path: options.metadata)
        let identity: MachineIdentity
        do {
            identity = try await metadata.identity()
        } catch {
            throw .configuration("\(error)")
        }
        let configuration = try AgentConfiguration(userData: identity.userData)
        let clock = SystemClock()
        let journal = JournalHandler(path: disk.agentLog, clock: clock)
        let logger = Logger(label: "reconcile-agent") { _ in journal }
        let loop = AgentLoop(
            configuration: configuration, identity: identity, disk: disk,
            ports: AgentPorts(
                store: try store(configuration), metadata: metadata, clock: clock),
            logger: logger, adoptsOrphans: true)
        return await loop.run(shutdowns: shutdowns(signals))
    }

    private static func store(
        _ configuration: AgentConfiguration
    ) throws(AgentFailure) -> any ObjectStore {
        let scheme = "file://"
        guard configuration.storeURL.hasPrefix("\(scheme)/") else {
            throw .configuration("the store \(configuration.storeURL) is not supported yet")
        }
        let store: DirectoryStore
        do {
            store = try DirectoryStore(
                path: String(configuration.storeURL.dropFirst(scheme.count)))
        } catch {
            throw .configuration("\(error)")
        }
        guard store.identity == configuration.store else {
            throw .configuration("\(configuration.storeURL) is another store than at the launch")
        }
        return store
    }

    /// SIGTERM and SIGINT are requests to end; a hang-up and a broken pipe are nothing.
    private static func shutdowns(_ signals: SignalQueue) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        Task.detached {
            while true {
                let signal = await signals.next(within: .seconds(3_600))
                if signal == SIGTERM || signal == SIGINT { continuation.yield() }
            }
        }
        return stream
    }

    private static func options(_ arguments: [String]) -> (metadata: String, disk: String)? {
        guard arguments.count == 4, arguments[0] == "--metadata", arguments[2] == "--disk",
            arguments[1].hasPrefix("/"), arguments[3].hasPrefix("/")
        else { return nil }
        return (arguments[1], arguments[3])
    }
}
