import Checkpoints
import Glibc
import Logging
import Processes
import Supervision
import Synchronization
import TestSupport
import Training

/// A real agent loop with real processes over a store in memory: what a machine is, without one.
final class AgentScene: Sendable {
    let directory: TemporaryDirectory
    let store: MemoryObjectStore
    let metadata = ScriptedMetadata()
    let clock = TestClock()
    static let run = RunName("scene") ?? preconditionName

    private static var preconditionName: RunName { preconditionFailure("a legal name") }

    init(store: MemoryObjectStore = MemoryObjectStore()) throws {
        directory = try TemporaryDirectory()
        self.store = store
    }

    static let stepper: String = {
        let here = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        return "python3 /\(here)/Trainers/stepper.py"
    }()

    static let launcher: String = {
        let here = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        return "/\(here)/Trainers/launch"
    }()

    /// Writes spec and ledger for a new attempt, as the control plane does.
    @discardableResult
    func give(
        attempt number: Int = 1, _ spec: RunSpec, start: StartPoint = StartPoint(.newest),
        intent: Intent? = nil, source: SourceArchive? = nil
    ) async throws -> Attempt {
        try await store.give(
            attempt: number, spec, start: start, intent: intent, source: source, at: clock.now())
    }

    func changeLedger(_ body: @Sendable (inout Ledger) -> Void) async throws {
        try await store.changeLedger(of: AgentScene.run, body)
    }

    /// Runs the agent of attempt `number` until it powers off, at most 60 s.
    func live(
        attempt number: Int = 1, disk: String? = nil,
        shutdowns: AsyncStream<Void> = AsyncStream { $0.finish() }
    ) async throws -> (how: PowerOff, reason: String)? {
        let disk = try MachineDisk(root: directory(disk ?? "disk-\(number)"))
        let configuration = AgentConfiguration(
            scope: "test", store: store.identity, storeURL: "memory:", run: AgentScene.run,
            attempt: number, ordinal: 1,
            pace: .init(metadata: 30, ledger: 50, heartbeat: 200))
        let loop = AgentLoop(
            configuration: configuration,
            identity: MachineIdentity(
                instance: InstanceID("i-\(number)"), boot: FileSystem.randomName(),
                userData: []),
            disk: disk,
            ports: AgentPorts(store: store, metadata: metadata, clock: clock),
            logger: Logger(label: "agent") { _ in
                JournalHandler(path: disk.agentLog, clock: TestClock())
            }, adoptsOrphans: false)
        return await withTaskGroup(of: (how: PowerOff, reason: String)?.self) { group in
            group.addTask { await loop.run(shutdowns: shutdowns) }
            group.addTask {
                try? await Task.sleep(for: .seconds(60))
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }

    var index: RunIndex {
        get async throws {
            let bytes = await store.bytes(StoreLayout.index(AgentScene.run)) ?? []
            return try CanonicalJSON.decode(RunIndex.self, from: bytes)
        }
    }

    func report(_ attempt: Int = 1) async throws -> AttemptReport? {
        try await index.report(of: attempt)
    }

    /// Everything that the trainer of an attempt wrote.
    func log(_ attempt: Int = 1) -> String {
        directory.text("disk-\(attempt)/log/attempt-\(attempt).log") ?? ""
    }

    /// Waits until `condition` holds, at most 60 s; false when it never did.
    func wait(_ condition: () async throws -> Bool) async -> Bool {
        for _ in 0..<3_000 {
            if (try? await condition()) == true { return true }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return false
    }

    /// The steps of the checkpoints on an attempt's disk.
    func savedSteps(_ attempt: Int = 1) -> [Int] {
        let folder = directory("disk-\(attempt)/work/checkpoints")
        let names = (try? FileSystem.list(folder)) ?? nil
        return (names ?? []).compactMap { name in
            name.hasSuffix(".json") ? Int(name.dropFirst(5).dropLast(5)) : nil
        }
    }

    /// SIGKILL to the trainer of an attempt, as its machine's end does.
    func killTrainer(_ attempt: Int = 1) {
        let words = log(attempt).split { $0 == " " || $0 == "\n" }
        if let place = words.firstIndex(of: "pid"), let pid = Int32(words[place + 1]) {
            kill(pid, SIGKILL)
        }
    }

    /// The step that stands in a committed checkpoint.
    func step(of id: CheckpointID) async throws -> Int? {
        try await index.checkpoints.first { $0.id == id }?.step
    }
}

/// Metadata that a test changes.
final class ScriptedMetadata: MetadataService {
    private let state = Mutex<(notice: Notice?, tags: [String: String])>((nil, [:]))

    func set(notice: Notice?) { state.withLock { $0.notice = notice } }
    func set(tag: String, _ value: String?) { state.withLock { $0.tags[tag] = value } }

    func identity() async throws(MetadataFailure) -> MachineIdentity {
        throw .unavailable("not asked in these tests")
    }
    func notice() async throws(MetadataFailure) -> Notice? { state.withLock { $0.notice } }
    func tag(_ key: String) async throws(MetadataFailure) -> String? {
        state.withLock { $0.tags[key] }
    }
}

/// This machine's time.
struct TestClock: WallClock {
    func now() -> Timestamp {
        let elapsed = ContinuousClock.now - TestClock.origin.instant
        return TestClock.origin.time.after(
            milliseconds: Int(elapsed / .milliseconds(1)))
    }

    func sleep(for span: Duration) async throws { try await Task.sleep(for: span) }

    private static let origin = (
        instant: ContinuousClock.now, time: Timestamp(milliseconds: 1_790_000_000_000)
    )
}
