import Training

/// All that bears on one run in one pass, and the plain facts derived from it.
struct RunSituation {
    let name: RunName
    let desired: DesiredRun?
    let record: ObservedRun
    /// The record's, then brought up to date; an empty one when there is none.
    var ledger: Ledger
    /// Our own machines of this run, ended ones included.
    let instances: [Instance]
    let unknown: String?
    /// As many launches are under way as there may be at once: how many that is.
    let launchBar: Int?
    let shared: SharedFacts

    /// A machine that is up is left alone for this long after its attempt was closed: its agent
    /// powers it off, or the provider takes it.
    static let endingGrace: Seconds = .minutes(2)
    static let visibilityDelay = Observation.visibilityDelay
    /// Launches of one attempt; then a new one begins, so that no ledger grows without bound.
    static let launchLimit = 20
    static let claimLimit: Seconds = .minutes(15)
    static let silenceLimit: Seconds = .minutes(3)
    /// Facts about one attempt that one pass can learn; each makes the ledger say more.
    static let factLimit = 5
    /// Beyond the trainer's own grace: time to upload, verify and commit.
    static let drainAllowance: Seconds = .minutes(5)

    init(
        name: RunName, desired: DesiredRun?, record: ObservedRun, instances: [Instance],
        unknown: String?, launchBar: Int?, shared: SharedFacts
    ) {
        self.name = name
        self.desired = desired
        self.record = record
        ledger = record.ledger ?? Ledger(run: name, writer: "")
        self.instances = instances
        self.unknown = unknown
        self.launchBar = launchBar
        self.shared = shared
    }

    var spec: RunSpec? { desired?.spec }
    var context: FleetContext { shared.context }
    var now: Timestamp { shared.now }

    var claimedAttempt: Int? { record.index?.claim?.attempt }

    func report(of attempt: Attempt) -> AttemptReport? {
        record.index?.report(of: attempt.number)
    }

    func machine(of launch: Launch) -> Instance? {
        instances.first { instance in
            instance.id == launch.instance
                || (launch.request != nil && instance.clientToken == launch.request?.clientToken)
        }
    }

    /// Where the machine of `launch` was launched from: the frozen request of its token.
    func precondition(for instance: Instance, refusesProtected: Bool) -> InstancePrecondition {
        InstancePrecondition(
            scope: context.scope, store: context.store, run: name,
            clientToken: instance.clientToken, region: instance.region,
            refusesProtected: refusesProtected)
    }

    /// Why a machine must not be touched; nil when it may.
    func bar(on machine: Instance) -> InactionReason? {
        if machine.isProtected { return .protected(machine.id) }
        return isOurs(machine) ? nil : .retagged(machine.id)
    }

    /// Whether a machine still bears the tags that it was launched with.
    func isOurs(_ machine: Instance) -> Bool {
        machine.tags[Tag.scope] == context.scope
            && machine.tags[Tag.store] == context.store.text && machine.run == name
    }

    /// The attempt that had a machine last.
    func newestAttempt(on machine: Instance) -> Attempt? {
        ledger.attempts.last { attempt in
            attempt.launches.contains { $0.instance == machine.id }
        }
    }

    /// The wish that ends the run's machine, if there is one.
    var wantedEnd: WantedEnd? {
        guard let spec else {
            return WantedEnd(policy: ledger.removalPolicy, reason: .removed)
        }
        switch spec.state {
        case .running: return nil
        case .stopped: return WantedEnd(policy: .stop, reason: .declaredStopped)
        case .terminated: return WantedEnd(policy: .terminate, reason: .declaredTerminated)
        }
    }

    /// The checkpoint that the next attempt would go on from.
    var nextCheckpoint: IndexedCheckpoint? {
        guard let desired, let index = record.index else { return nil }
        return index.candidates(
            generation: desired.spec.generation, digest: desired.digest, retired: ledger.retired
        ).first
    }
}

/// A declared end and how the machine ends with it.
struct WantedEnd {
    let policy: EndPolicy.Removal
    let reason: ActionReason
}

/// What the planner does about one run.
struct Decision {
    var actions: [PlannedAction] = []
    var inaction: InactionReason?
    /// Why a machine of a closed attempt is still there.
    var leftover: InactionReason?
    /// The run is gone and nothing is left of it: it is not shown.
    var isForgotten = false

    static func leave(_ reason: InactionReason) -> Decision {
        Decision(inaction: reason)
    }

    static func act(_ action: PlannedAction) -> Decision {
        Decision(actions: [action])
    }

    /// Sees to it that `ledger`, which is up to date, is written: with the first action, unless
    /// one of them stands on it and writes it anyway.
    mutating func write(_ ledger: Ledger, of run: RunName, because fact: ActionReason) {
        let isWritten = actions.contains { action in
            action.steps.contains { step in
                if case .updateLedger = step { true } else { false }
            }
        }
        guard !isWritten else { return }
        guard actions.isEmpty else {
            actions[0].steps.insert(.updateLedger(ledger), at: 0)
            return
        }
        actions = [
            PlannedAction(
                .record, run, attempt: ledger.attempts.last?.number,
                because: fact, steps: [.updateLedger(ledger)])
        ]
    }
}
