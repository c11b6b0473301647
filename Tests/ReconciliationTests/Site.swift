import Checkpoints
import Logging
import Planning
import Synchronization
import TestSupport
import Training

@testable import Reconciliation

/// A store, a provider, a repository and as many reconcilers as a test wants.
struct Site: Sendable {
    let store = MemoryObjectStore()
    let provider = MemoryInstanceProvider()
    let repository = Repository()
    let clock = StillClock()
    var cloud: CloudContext?

    static let run = { () -> RunName in
        guard let name = RunName("demo") else { preconditionFailure("demo is a DNS label") }
        return name
    }()

    var context: FleetContext {
        FleetContext(
            scope: "lab", store: store.identity, storeURL: "memory:",
            regions: cloud == nil ? ["local"] : [],
            pace: .local, cloud: cloud)
    }

    /// A new life of the reconciler: nothing in memory from an earlier one.
    func reconciler(
        _ goal: ReconcilerGoal, writer: String = "w", through life: Life? = nil
    ) -> Reconciler {
        let lived: any ObjectStore = life.map { MortalStore(store: store, life: $0) } ?? store
        let providers: any InstanceProviders =
            life.map { MortalProvider(provider: self.provider, life: $0) } ?? self.provider
        return Reconciler(
            source: repository, providers: providers, records: RecordStore(lived, writer: writer),
            clock: clock, context: context, goal: goal,
            logger: Logger(label: "test") { _ in
                SwiftLogNoOpLogHandler()
            }, seed: 1)
    }

    @discardableResult
    func once(_ goal: ReconcilerGoal = ReconcilerGoal(mode: .once(wait: 0))) async
        -> ReconcileResult
    {
        await reconciler(goal).run(stops: AsyncStream { _ in }) { _ in }
    }

    func ledger() async -> Ledger? {
        guard let bytes = await store.bytes(StoreLayout.ledger(Site.run)) else { return nil }
        return try? CanonicalJSON.decode(Ledger.self, from: bytes)
    }

    /// What the machine's agent would do: claims the open attempt and trains, or obeys a drain.
    func agentActs() async {
        guard let attempt = await ledger()?.openAttempt,
            let machine = await provider.instances.last(where: { $0.state == .running })
        else { return }
        var index = RunIndex(run: Site.run, writer: "agent")
        index.serial = attempt.number
        index.claim = Claim(
            attempt: attempt.number, ordinal: 1, instance: machine.id, boot: "b", nonce: "n",
            at: await store.now)
        var report = AttemptReport(
            attempt: attempt.number, phase: .training, since: await store.now)
        if let intent = attempt.intent, intent.verb.drains {
            report.acknowledged = intent.id
            report.released = true
            report.outcome = .drained
            report.phase = .ended
        }
        index.reports = [report]
        await store.plant(StoreLayout.index(Site.run), CanonicalJSON.encode(index))
        let beat = Heartbeat(instance: machine.id, boot: "b", phase: .working)
        let key = StoreLayout.heartbeat(Site.run, attempt: attempt.number, node: 0)
        await store.plant(key, CanonicalJSON.encode(beat))
    }
}

/// A repository whose commits a test writes.
final class Repository: FleetSource {
    private struct Contents {
        var commit = 1
        var runs: [RunSpec] = []
        var failure: SourceFailure?
        var ancestry: Ancestry?
        var isIncomplete = false
        var policy = ScopePolicy(scope: "lab")
        var origin = "https://example.invalid/team/fleet"
    }

    private let contents = Mutex(Contents())

    func commit(
        _ runs: [RunSpec], ancestry: Ancestry? = nil,
        policy: ScopePolicy = ScopePolicy(scope: "lab")
    ) {
        contents.withLock {
            $0.commit += 1
            $0.runs = runs
            $0.policy = policy
            $0.ancestry = ancestry
        }
    }

    func fail(_ failure: SourceFailure?) {
        contents.withLock { $0.failure = failure }
    }

    func move(to origin: String) {
        contents.withLock { $0.origin = origin }
    }

    func fetch(since applied: Revision?) async throws(SourceFailure) -> FetchedFleet {
        let now = contents.withLock { $0 }
        if let failure = now.failure { throw failure }
        let digits = String(now.commit)
        let commit = String(repeating: "0", count: 40 - digits.utf8.count) + digits
        let revision = Revision(ref: "main", commit: commit)
        return FetchedFleet(
            owner: ScopeRecord.Owner(origin: now.origin, ref: "main", path: "manifests"),
            fleet: DesiredFleet(
                revision: revision, policy: now.policy,
                runs: now.runs.map { DesiredRun(spec: $0) }, isIncomplete: now.isIncomplete),
            diagnostics: [],
            ancestry: now.ancestry ?? (applied?.commit == commit ? .same : .descends))
    }

    func archive(tree: String, limit: Int) async throws(SourceFailure) -> [UInt8] {
        throw .damaged("no tree in this repository")
    }
}

/// Time that moves only when somebody waits.
final class StillClock: WallClock {
    private let time = Mutex(Timestamp(milliseconds: 1_795_000_000_000))
    private let waits = Mutex<[Duration]>([])

    /// What was waited for, in order.
    var spans: [Duration] { waits.withLock { $0 } }

    func now() -> Timestamp { time.withLock { $0 } }

    func sleep(for span: Duration) async throws {
        try Task.checkCancellation()
        waits.withLock { $0.append(span) }
        time.withLock { $0 = $0 + Seconds(Int(span.components.seconds) + 1) }
    }
}

extension RunSpec {
    static func demo(_ change: (inout RunSpec) -> Void = { _ in }) -> RunSpec {
        var spec = RunSpec(name: Site.run, run: "python train.py")
        change(&spec)
        return spec
    }
}
