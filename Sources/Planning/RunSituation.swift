import Training

/// All that bears on one run in one pass, and the plain facts derived from it.
struct RunSituation {
    let name: RunName
    let desired: DesiredRun?
    let revision: Revision
    var record: ObservedRun
    /// Our own machines of this run, ended ones included.
    let instances: [Instance]
    let unknown: String?
    /// Set when nothing may be pruned in this pass, with the reason.
    let pruneBar: InactionReason?
    /// More runs are silent at once than can be believed.
    let sensorFailure: Int?
    /// Checkpoints of this run that another run's `resume_from` names.
    let namedByOthers: Set<CheckpointID>
    let shared: SharedFacts
    let context: FleetContext
    let now: Timestamp

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

    var spec: RunSpec? { desired?.spec }
    var ledger: Ledger { record.ledger ?? Ledger(run: name, writer: "") }

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

    /// The last sign of life of an attempt: its heartbeat, or its claim before the first one.
    func lastSign(of attempt: Attempt) -> Timestamp? {
        let claim = record.index?.claim.flatMap { $0.attempt == attempt.number ? $0.at : nil }
        let heartbeat = record.heartbeats[attempt.number]?.at
        return [claim, heartbeat].compactMap { $0 }.max()
    }

    /// Since when a claimed attempt has been silent; nil while it is heard.
    func silence(of attempt: Attempt) -> Timestamp? {
        guard claimedAttempt == attempt.number, let last = lastSign(of: attempt),
            now.since(last) > RunSituation.silenceLimit
        else { return nil }
        return last
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

/// What a pass saw besides the single runs.
struct SharedFacts {
    var sources: [String: SourceArchive] = [:]
    var unsentTokens: Set<String> = []
    var placements: [PlacementQuery: ObservedPlacement] = [:]
    var consoles: [InstanceID: String] = [:]
    var profiles: [String: Profile] = [:]
    var unknownRegions: [String: String] = [:]
    /// Supply that was refused a short while ago, to any run.
    var refused = RefusedSupply()
    /// A living machine of a run whose tags name another store.
    var elsewhere: [RunName: InstanceID] = [:]
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
