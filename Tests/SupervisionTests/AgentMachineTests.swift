import Glibc
import Local
import Processes
import Supervision
import TestSupport
import Testing
import Training

/// The built agent on machines of the embedded provider, over a store that is a directory.
@Suite("The agent on a machine")
struct AgentMachineTests {
    private let directory: TemporaryDirectory
    private let store: DirectoryStore
    private let provider: LocalProvider
    private let run = AgentScene.run

    init() throws {
        directory = try TemporaryDirectory()
        store = try DirectoryStore(path: directory("store"))
        let tests = (try? FileSystem.resolve("/proc/self/exe")) ?? ""
        provider = try LocalProvider(
            state: directory("machines"),
            agent: FileSystem.parent(of: tests) + "/reconcile-agent", stopGrace: .seconds(3))
    }

    private func spec(steps: Int) -> RunSpec {
        let command = "\(AgentScene.stepper) --steps \(steps) --step-time 0.02"
        return RunSpec(
            name: run, run: command, resume: "\(command) --resume {checkpoint}",
            checkpoint: CheckpointPolicy(
                path: "checkpoints/step-*.json", step: "step-(?<step>[0-9]+)", every: 0))
    }

    /// Freezes a launch in the ledger and launches it.
    private func launch(
        attempt number: Int, _ spec: RunSpec,
        behavior: LaunchRequest.ShutdownBehavior = .terminate
    ) async throws -> Instance {
        let request = try await freeze(attempt: number, spec, behavior)
        return try await provider.launch(request)
    }

    /// Writes an attempt's open launch into the ledger; with `machine`, the start of that one.
    private func freeze(
        attempt number: Int, _ spec: RunSpec, _ behavior: LaunchRequest.ShutdownBehavior,
        starting machine: InstanceID? = nil
    ) async throws -> LaunchRequest {
        let bytes = CanonicalJSON.encode(spec)
        let reference = StoredReference(
            key: StoreLayout.spec(run, Digest(of: bytes)), sha256: Digest(of: bytes))
        _ = try? await store.put(reference.key, bytes, if: .absent)
        let configuration = AgentConfiguration(
            scope: "test", store: store.identity, storeURL: "file://\(directory("store"))",
            run: run, attempt: number, ordinal: 1, pace: .local)
        let request = LaunchRequest(
            clientToken: "token-\(number)", region: "local", market: .onDemand,
            shutdownBehavior: behavior, tags: [Tag.scope: "test", Tag.run: run.text],
            userData: String(decoding: CanonicalJSON.encode(configuration), as: UTF8.self))
        let now = SystemClock().now()
        var attempt = Attempt(
            number: number, generation: 1, digest: SpecDigest(of: spec), spec: reference,
            revision: Revision(ref: "main", commit: "0"), source: nil,
            start: StartPoint(.newest), reason: "test", createdAt: now)
        attempt.launches = [
            Launch(
                ordinal: 1, request: machine == nil ? request : nil, instance: machine,
                createdAt: now)
        ]
        var ledger = try await ledger ?? Ledger(run: run, writer: "test")
        for place in ledger.attempts.indices where ledger.attempts[place].closure == nil {
            ledger.attempts[place].closure = Closure(
                evidence: .terminated, outcome: .lost, at: now, progressed: true, detail: "test")
        }
        ledger.attempts.append(attempt)
        ledger.serial += 1
        try await store.put(
            StoreLayout.ledger(run), CanonicalJSON.encode(ledger), if: .always)
        return request
    }

    private var ledger: Ledger? {
        get async throws { try await record(Ledger.self, StoreLayout.ledger(run)) }
    }

    private var index: RunIndex? {
        get async throws { try await record(RunIndex.self, StoreLayout.index(run)) }
    }

    private func record<Record: Decodable>(
        _ type: Record.Type, _ key: String
    ) async throws -> Record? {
        guard case .object(let object) = try await store.get(key, limit: 1 << 20, unless: nil)
        else { return nil }
        return try CanonicalJSON.decode(type, from: object.bytes)
    }

    private func wait(_ condition: () async throws -> Bool) async -> Bool {
        for _ in 0..<3_000 {
            if (try? await condition()) == true { return true }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return false
    }

    private func hasEnded(_ instance: Instance) async throws -> Bool {
        try await provider.describe(instance: instance.id)?.state == .terminated
    }

    @Test("taken away with a notice, again without one → the third machine completes from there")
    func takenTwice() async throws {
        let first = try await launch(attempt: 1, spec(steps: 2000))
        #expect(await wait { try await index?.checkpoints.isEmpty == false })
        try await provider.interrupt(first.id, notice: .seconds(8))
        #expect(await wait { try await index?.report(of: 1)?.released == true })
        #expect(await wait { try await hasEnded(first) })
        #expect(try await index?.report(of: 1)?.outcome == .interrupted)
        let saved = try #require(try await index?.checkpoints.last)

        let second = try await launch(attempt: 2, spec(steps: 2000))
        #expect(await wait { try await (index?.checkpoints.last?.id.attempt ?? 0) == 2 })
        #expect(try await index?.report(of: 2)?.startedFrom == saved.id)
        try await provider.interrupt(second.id, notice: nil)
        #expect(await wait { try await hasEnded(second) })
        let lost = try #require(try await index?.checkpoints.last)

        let third = try await launch(attempt: 3, spec(steps: (lost.step ?? 0) + 20))
        // It powers itself off.
        #expect(await wait { try await hasEnded(third) })
        let report = try await index?.report(of: 3)
        #expect(report?.outcome == .completed)
        #expect(report?.startedFrom == lost.id)
        try await provider.reset()
    }

    @Test("drained and stopped, then started for the next attempt → the same disk goes on")
    func stoppedAndStarted() async throws {
        let machine = try await launch(attempt: 1, spec(steps: 2000), behavior: .stop)
        #expect(await wait { try await index?.checkpoints.isEmpty == false })
        var drained = try #require(try await ledger)
        drained.serial += 1
        drained.attempts[0].intent = Intent(
            id: "stop", verb: .drainThenStop, deadline: SystemClock().now() + 60,
            spec: drained.attempts[0].spec, reason: "state: stopped")
        try await store.put(StoreLayout.ledger(run), CanonicalJSON.encode(drained), if: .always)
        #expect(
            await wait { try await provider.describe(instance: machine.id)?.state == .stopped })
        #expect(try await index?.report(of: 1)?.acknowledged == "stop")
        let saved = try #require(try await index?.checkpoints.last)

        _ = try await freeze(
            attempt: 2, spec(steps: (saved.step ?? 0) + 20), .stop, starting: machine.id)
        try await provider.start(machine.id)
        #expect(await wait { try await index?.report(of: 2)?.released == true })
        let report = try await index?.report(of: 2)
        #expect(report?.outcome == .completed)
        #expect(report?.startedFrom == saved.id)
        // Nothing that the store had was committed twice.
        let repeated = try await index?.checkpoints.filter { $0.step == saved.step }
        #expect(repeated?.count == 1)
        try await provider.reset()
    }

    @Test("terminated by its provider → drained within the stop grace")
    func terminated() async throws {
        let machine = try await launch(attempt: 1, spec(steps: 2000))
        #expect(await wait { try await index?.checkpoints.isEmpty == false })
        try await provider.terminate(machine.id)
        #expect(await wait { try await hasEnded(machine) })
        let report = try await index?.report(of: 1)
        #expect(report?.outcome == .interrupted)
        #expect(report?.released == true)
        try await provider.reset()
    }
}
