import Reconciliation
import Testing
import Training

@testable import Planning
@testable import Simulation

/// A history made by hand, fact by fact, and the witness that is told it.
struct History {
    static let start = Timestamp(milliseconds: 1_795_000_000_000)

    var now = History.start
    var cloud: SimulatedCloud
    let store: SimulatedStore
    var witness: Witness
    let reconciler = ProcessID.reconciler(1, life: 1)

    init() throws {
        cloud = SimulatedCloud(regions: ["us-east-1"], at: now, seed: 1)
        try cloud.s3.createBucket("state", region: "us-east-1")
        let location = try #require(S3Location("s3://state/lab"))
        store = SimulatedStore(location, region: "us-east-1")
        witness = Witness(scope: "lab", store: store)
    }

    /// What was found broken, of one promise.
    func broken(_ promise: Promise) -> [BrokenPromise] {
        witness.broken.filter { $0.promise == promise }
    }

    mutating func wait(_ span: Seconds) { now = now + span }

    mutating func note(_ fact: WorldFact, by process: ProcessID? = nil) {
        witness.note(fact, by: process, at: now, cloud: cloud)
    }

    // MARK: Machines

    static func agent(_ machine: String, life: Int = 1) -> ProcessID {
        .agent(InstanceID(machine), life: life)
    }

    mutating func launch(_ id: String, _ run: RunName, attempt: Int, ordinal: Int = 1) {
        let tags = [
            Tag.scope: "lab", Tag.store: store.identity.text, Tag.run: run.text,
            Tag.attempt: "\(attempt)", Tag.ordinal: "\(ordinal)",
        ]
        let request = LaunchRequest(
            clientToken: "token-\(id)", region: "us-east-1", market: .spot,
            shutdownBehavior: .terminate, tags: tags, userData: "")
        let instance = Instance(
            id: InstanceID(id), state: .pending, market: .spot, region: "us-east-1",
            clientToken: request.clientToken, tags: tags, launchedAt: now)
        note(.launched(instance, request), by: reconciler)
        note(befell: id, .booted(boot: 1))
    }

    mutating func note(befell id: String, _ kind: CloudEvent.Kind) {
        note(
            .befell(
                CloudEvent(at: now, region: "us-east-1", instance: InstanceID(id), kind: kind)))
    }

    mutating func train(_ id: String, _ run: RunName, from parent: CheckpointID? = nil) {
        note(.trainerStarted(InstanceID(id), run, from: parent), by: History.agent(id))
    }

    // MARK: Objects

    mutating func put(_ key: String, _ bytes: [UInt8], by process: ProcessID) throws {
        let receipt = try store.put(key, bytes, if: .always, to: &cloud.s3, at: now)
        note(.wrote(key: key, etag: receipt.etag), by: process)
    }

    mutating func upload(
        _ id: CheckpointID, of run: RunName, parent: CheckpointID? = nil, by process: ProcessID,
        file: String = "model.pt"
    ) throws {
        let manifest = CheckpointManifest(
            run: run, id: id, generation: 1, digest: SpecDigest(of: .named(run)), step: 1,
            parent: parent, path: "checkpoints",
            files: [
                CheckpointManifest.File(
                    path: file, key: StoreLayout.checkpoint(run, id) + file, size: 1,
                    sha256: Digest(of: "x"))
            ], createdAt: now)
        try put(StoreLayout.manifest(run, id), CanonicalJSON.encode(manifest), by: process)
    }

    mutating func index(
        _ ids: [CheckpointID], of run: RunName, by process: ProcessID
    ) throws {
        var index = RunIndex(run: run, writer: process.description)
        index.checkpoints = ids.map { id in
            IndexedCheckpoint(
                id: id, generation: 1, digest: SpecDigest(of: .named(run)), step: 1, parent: nil,
                size: 1, committedAt: now)
        }
        try put(StoreLayout.index(run), CanonicalJSON.encode(index), by: process)
    }

    mutating func delete(_ id: CheckpointID, of run: RunName) throws {
        let key = StoreLayout.manifest(run, id)
        try store.delete(key, from: &cloud.s3)
        note(.deleted(key: key), by: reconciler)
    }

    // MARK: Plans

    mutating func plan(_ actions: [PlannedAction], _ inactions: [Inaction] = []) {
        note(.occurred(.planned(Plan(actions, inactions), instances: [])), by: reconciler)
    }

    mutating func look() {
        note(.read(.list(prefix: StoreLayout.scope), isWhole: true), by: reconciler)
    }
}

extension RunName {
    static let char = legal("char")
    static let other = legal("other")

    static func legal(_ text: String) -> RunName {
        guard let name = RunName(text) else { preconditionFailure("\(text) is a legal name") }
        return name
    }
}

extension RunSpec {
    static func named(_ name: RunName) -> RunSpec {
        RunSpec(name: name, run: "python train.py")
    }
}

extension CheckpointID {
    static func number(_ sequence: Int, attempt: Int = 1) -> CheckpointID {
        CheckpointID(attempt: attempt, sequence: sequence)
    }
}

extension Plan {
    init(_ actions: [PlannedAction], _ inactions: [Inaction] = []) {
        self.init(
            revision: .first, sequence: 1, scopeUpdate: nil, actions: actions,
            inactions: inactions, blocked: [],
            fuse: FuseVerdict(allowed: 1, spent: 0, asked: 0, isApproved: false), foreign: [],
            phases: [])
    }
}

extension Revision {
    static let first = Revision(ref: "main", commit: String(repeating: "1", count: 40))
}

extension PlannedAction {
    static func end(
        _ id: String, _ run: RunName = .char, because reason: ActionReason,
        _ verb: Verb = .terminate
    ) -> PlannedAction {
        PlannedAction(
            verb, run, attempt: 1, instance: InstanceID(id), because: reason,
            steps: [
                .terminate(
                    InstanceID(id),
                    InstancePrecondition(
                        scope: "lab", store: StoreIdentity(text: "s"), run: run,
                        clientToken: "token-\(id)", region: "us-east-1", refusesProtected: true))
            ])
    }
}

extension DesiredFleet {
    init(
        _ specs: [RunSpec], policy: ScopePolicy = ScopePolicy(scope: "lab"),
        isIncomplete: Bool = false
    ) {
        self.init(
            revision: .first, policy: policy, runs: specs.map { DesiredRun(spec: $0) },
            isIncomplete: isIncomplete)
    }
}
