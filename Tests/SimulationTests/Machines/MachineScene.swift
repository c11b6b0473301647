import Checkpoints
import Supervision
import Synchronization
import TestSupport
import Training

@testable import Simulation

/// Simulated machines around one store, on virtual time: as little of a world as they need.
final class MachineScene: Sendable {
    static let start = Timestamp(milliseconds: 1_767_225_600_000)
    static let run = RunName("scene") ?? { preconditionFailure("a legal name") }()

    let store = MemoryObjectStore()
    private let lane = Lane()
    private let state = Mutex(State())

    private struct State {
        var now = MachineScene.start
        var machines: [InstanceID: SimulatedMachine] = [:]
        var hands: [InstanceID: MachineHands] = [:]
        var facts: [(at: Timestamp, machine: InstanceID, fact: MachineFact)] = []
        var ends: [InstanceID: String] = [:]
        var wakes = 0
        var generator = SplitMix64(seed: 7)

        var ids: [InstanceID] { machines.keys.sorted { $0.text < $1.text } }

        mutating func takeOutputs() -> [(InstanceID, MachineOutput)] {
            ids.flatMap { id in (machines[id]?.takeOutputs() ?? []).map { (id, $0) } }
        }
    }

    // MARK: Machines

    /// What stands for EC2's name of a launch: the machine of an attempt.
    static func machine(_ attempt: Int) -> InstanceID { InstanceID("i-\(attempt)") }

    func boot(attempt: Int = 1, boot: String = "b1", _ behaviour: TrainerBehaviour) {
        let id = MachineScene.machine(attempt)
        let configuration = AgentConfiguration(
            scope: "test", store: store.identity, storeURL: "memory:", run: MachineScene.run,
            attempt: attempt, ordinal: 1, pace: .remote)
        change(attempt) { machine, now in
            machine.boot(configuration, boot: boot, at: now)
        } making: {
            SimulatedMachine(id, behaviour: behaviour)
        }
    }

    /// Does something to a machine, and lets its code run.
    func change(
        _ attempt: Int = 1, _ body: (inout SimulatedMachine, Timestamp) -> Void,
        making make: () -> SimulatedMachine? = { nil }
    ) {
        let id = MachineScene.machine(attempt)
        state.withLock { state in
            guard var machine = state.machines[id] ?? make() else { return }
            body(&machine, state.now)
            state.machines[id] = machine
        }
        settle()
    }

    subscript(_ attempt: Int) -> SimulatedMachine? {
        state.withLock { $0.machines[MachineScene.machine(attempt)] }
    }

    // MARK: Time

    var now: Timestamp { state.withLock { $0.now } }
    /// How often a machine was woken.
    var wakes: Int { state.withLock { $0.wakes } }

    /// Lets everything happen that is due within `span`; bounded, so that no test hangs.
    func run(_ span: Seconds) {
        let end = now + span
        settle()
        for _ in 0..<100_000 {
            let isOver = state.withLock { state in
                let next = state.machines.values.compactMap(\.nextWake).min()
                guard let next, next <= end else { return true }
                state.now = max(state.now, next)
                state.wakes += 1
                for id in state.ids {
                    guard let due = state.machines[id]?.nextWake, due <= state.now else { continue }
                    state.machines[id]?.wake(at: state.now)
                }
                return false
            }
            if isOver { break }
            settle()
        }
        state.withLock { $0.now = end }
    }

    /// Carries out what machines ask for, until they ask for nothing.
    private func settle() {
        for _ in 0..<1000 {
            let outputs = state.withLock { $0.takeOutputs() }
            for (id, output) in outputs { carryOut(output, of: id) }
            lane.drain()
            if outputs.isEmpty { return }
        }
    }

    private func carryOut(_ output: MachineOutput, of id: InstanceID) {
        switch output {
        case .fact(let fact): state.withLock { $0.facts.append(($0.now, id, fact)) }
        case .agentStarted(let life, let configuration, let boot):
            let hands = MachineHands(
                configuration, instance: id, boot: boot,
                in: Place(scene: self, machine: id, life: life))
            state.withLock { $0.hands[id] = hands }
        case .agentEnded: state.withLock { $0.hands[id] = nil }
        case .order(let order):
            guard let hands = state.withLock({ $0.hands[id] }) else { return }
            Task(executorPreference: lane) {
                let answer = await hands.carryOut(order)
                self.state.withLock { $0.machines[id]?.take(answer, at: $0.now) }
            }
        case .poweredOff: state.withLock { $0.ends[id] = "poweredOff" }
        case .halted: state.withLock { $0.ends[id] = "halted" }
        }
    }

    // MARK: Witnesses

    func facts(of attempt: Int = 1) -> [MachineFact] {
        state.withLock { state in
            state.facts.filter { $0.machine == MachineScene.machine(attempt) }.map(\.fact)
        }
    }

    func moment(of fact: MachineFact, _ attempt: Int = 1) -> Timestamp? {
        state.withLock { state in
            state.facts.first { $0.machine == MachineScene.machine(attempt) && $0.fact == fact }?.at
        }
    }

    /// How a machine went: `poweredOff` or `halted`; nil while it runs.
    func end(of attempt: Int = 1) -> String? {
        state.withLock { $0.ends[MachineScene.machine(attempt)] }
    }

    var index: RunIndex {
        get async throws {
            let bytes = await store.bytes(StoreLayout.index(MachineScene.run)) ?? []
            return try CanonicalJSON.decode(RunIndex.self, from: bytes)
        }
    }

    /// A spot notice of two minutes appears in a machine's metadata.
    func giveNotice() {
        let notice = Notice(kind: .spotInterruption, deadline: now + 120)
        change { machine, now in machine.sense(at: now) { $0.notice = notice } }
    }

    // MARK: The control plane

    /// Opens an attempt for its machine, and closes those before it.
    func give(
        attempt number: Int = 1, _ spec: RunSpec, start: StartPoint = StartPoint(.newest),
        intent: Intent? = nil
    ) async throws {
        try await store.give(attempt: number, spec, start: start, intent: intent, at: now)
        tellOfLedger()
    }

    func changeLedger(_ body: @Sendable (inout Ledger) -> Void) async throws {
        try await store.changeLedger(of: MachineScene.run, body)
        tellOfLedger()
    }

    private func tellOfLedger() {
        state.withLock { state in
            for id in state.machines.keys { state.machines[id]?.ledgerChanged(at: state.now) }
        }
    }
}

extension MachineScene {
    static func spec(
        _ checkpoint: CheckpointPolicy? = CheckpointPolicy(path: "ckpt/step-*"),
        completion: CompletionRule = CompletionRule(), stop: StopPolicy = StopPolicy()
    ) -> RunSpec {
        RunSpec(
            name: run, setup: "pip install", run: "train", resume: "train {checkpoint}",
            checkpoint: checkpoint, stop: stop, completion: completion)
    }
}

extension MachineScene {
    /// What one life of a machine's agent reaches.
    struct Place: MachineSurroundings, WallClock, ObjectStore {
        let scene: MachineScene
        let machine: InstanceID
        let life: Int

        var store: any ObjectStore { self }
        var clock: any WallClock { self }

        func draw() -> UInt64 { scene.state.withLock { $0.generator.next() } }
        func now() -> Timestamp { scene.now }
        func sleep(for span: Duration) async throws { throw CancellationError() }

        func withDisk<Answer: Sendable>(_ body: (inout SimulatedDisk) -> Answer) -> Answer? {
            scene.state.withLock { state in
                guard var found = state.machines[machine], found.life == life else { return nil }
                defer { state.machines[machine] = found }
                return body(&found.disk)
            }
        }

        // MARK: A store whose paths are this machine's

        var identity: StoreIdentity { scene.store.identity }

        func get(
            _ key: String, limit: Int, unless known: ETag?
        ) async throws(StoreFailure) -> StoredRead? {
            try await scene.store.get(key, limit: limit, unless: known)
        }

        func head(_ key: String) async throws(StoreFailure) -> StoredSummary? {
            try await scene.store.head(key)
        }

        func put(
            _ key: String, _ bytes: [UInt8], if condition: WriteCondition
        ) async throws(StoreFailure) -> StoredReceipt {
            try await scene.store.put(key, bytes, if: condition)
        }

        func upload(
            file path: String, to key: String, sha256: Digest, if condition: WriteCondition
        ) async throws(StoreFailure) -> StoredReceipt {
            guard let bytes = withDisk({ $0.read(path) }) ?? nil else {
                throw .local("\(path) does not exist")
            }
            guard Digest(of: bytes) == sha256 else {
                throw .corrupt(key: key, detail: "other bytes")
            }
            return try await scene.store.put(key, bytes, if: condition)
        }

        func download(
            _ key: String, to path: String, size: Int, sha256: Digest
        ) async throws(StoreFailure) {
            guard
                case .object(let object) = try await scene.store.get(key, limit: size, unless: nil),
                Digest(of: object.bytes) == sha256
            else { throw .corrupt(key: key, detail: "missing, or other bytes") }
            let now = scene.now
            _ = withDisk { $0.write(object.bytes, to: path, at: now) }
        }

        func delete(_ key: String) async throws(StoreFailure) {
            try await scene.store.delete(key)
        }

        func list(prefix: String, limit: Int) async throws(StoreFailure) -> [StoredSummary] {
            try await scene.store.list(prefix: prefix, limit: limit)
        }

        func serverTime() async throws(StoreFailure) -> Timestamp { scene.now }
    }
}
