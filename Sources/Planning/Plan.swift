package import Training

/// The ordered actions that close the drift of one pass, and a reason for everything left alone.
package struct Plan: Hashable, Sendable {
    package var revision: Revision
    /// The scope's applied sequence that the plan stands on; every effect re-checks it.
    package var sequence: Int
    /// Written before the first action: terminations counted in the fuse, approvals used up.
    package var scopeUpdate: ScopeRecord?
    /// Sorted by run.
    package var actions: [PlannedAction]
    /// Sorted by run: what is deliberately not done.
    package var inactions: [Inaction]
    /// Held back by the fuse: done only after an approval.
    package var blocked: [PlannedAction]
    package var fuse: FuseVerdict
    /// Machines that bear our scope but are not ours.
    package var foreign: [ForeignInstance]
    /// Every run that was considered, sorted by name.
    package var phases: [RunPhase]

    /// The digest of the destructive actions: what an approval is bound to.
    ///
    /// Retiring old checkpoints is left out: it comes and goes with every checkpoint of a healthy
    /// run, and no approval would outlive it.
    package var id: String {
        let destructive = (actions + blocked).filter { $0.isDestructive && $0.verb != .retire }.map
        { action in
            "\(action.verb.rawValue) \(action.run) \(action.attempt ?? 0) \(action.reason.code)"
        }
        return String(Digest(of: destructive.sorted().joined(separator: "\n")).hex.prefix(12))
    }

    /// The actions that a person reads; bookkeeping is left out.
    package var visibleActions: [PlannedAction] { actions.filter { $0.verb != .record } }

    /// Nothing to do, nothing under way, nothing blocked.
    package var isConverged: Bool {
        actions.isEmpty && blocked.isEmpty && inactions.allSatisfy(\.reason.isSettled)
    }

    /// Another look may show more at any moment.
    package var isUnderWay: Bool {
        !actions.isEmpty || inactions.contains(where: \.reason.isUnderWay)
    }

    /// When something that is waited for ends by itself, where that is known.
    package var nextMoment: Timestamp? { inactions.compactMap(\.reason.until).min() }
}

/// One thing to do to one run, why, and under which condition.
package struct PlannedAction: Hashable, Sendable {
    package enum Verb: String, Sendable, CaseIterable {
        case launch
        case resume
        case start
        case relaunch
        case reconfigure
        case stop
        case terminate
        /// Deletes retired checkpoints.
        case retire
        /// Brings the ledger up to date with what happened; changes no machine.
        case record
    }

    package var verb: Verb
    package var run: RunName
    package var attempt: Int?
    package var instance: InstanceID?
    package var reason: ActionReason
    /// Done in order; the first that fails ends the action until the next pass.
    package var steps: [Step]
    /// Counted in the fuse: it costs a living machine.
    package var isFused: Bool
    /// What it asks for on EC2, as far as that is chosen.
    package var offering: Offering?

    package init(
        _ verb: Verb, _ run: RunName, attempt: Int? = nil, instance: InstanceID? = nil,
        because reason: ActionReason, steps: [Step], isFused: Bool = false,
        offering: Offering? = nil
    ) {
        self.offering = offering
        self.verb = verb
        self.run = run
        self.attempt = attempt
        self.instance = instance
        self.reason = reason
        self.steps = steps
        self.isFused = isFused
    }

    /// It only makes ready for the same action of the next round.
    package var isPreparation: Bool {
        steps.contains { step in
            switch step {
            case .archiveSource, .resolve, .readConsole: true
            default: false
            }
        }
    }

    package var isDestructive: Bool {
        switch verb {
        case .relaunch, .stop, .terminate, .retire: true
        case .launch, .resume, .start, .reconfigure, .record: false
        }
    }
}

/// One effect, as a value.
///
/// Each is safe to repeat, and to lose between any two.
package enum Step: Hashable, Sendable {
    case archiveSource(tree: String)
    /// Asks a region what it offers; changes nothing.
    case resolve(PlacementQuery)
    /// Reads a machine's console; changes nothing.
    case readConsole(InstanceID, region: String)
    case storeSpec(StoredReference, RunSpec)
    /// Keeps an attempt that leaves the ledger.
    case storeHistory(Attempt)
    /// Compare-and-swap against the ledger that the plan saw.
    case updateLedger(Ledger)
    case launch(LaunchRequest, attempt: Int, ordinal: Int)
    case start(InstanceID, InstancePrecondition, attempt: Int, ordinal: Int)
    case stop(InstanceID, InstancePrecondition)
    case terminate(InstanceID, InstancePrecondition)
    case deleteCheckpoint(CheckpointID)

    /// It is done for a plan that is only shown, too.
    package var isQuestion: Bool {
        if case .resolve = self { true } else { false }
    }
}

/// What must still hold of a machine, read again just before it is touched.
package struct InstancePrecondition: Hashable, Sendable {
    package var scope: String
    package var store: StoreIdentity
    package var run: RunName
    package var clientToken: String
    /// Where the machine is.
    package var region: String
    /// Not for a start: starting harms nothing.
    package var refusesProtected: Bool

    package init(
        scope: String, store: StoreIdentity, run: RunName, clientToken: String,
        region: String, refusesProtected: Bool
    ) {
        self.scope = scope
        self.store = store
        self.run = run
        self.clientToken = clientToken
        self.region = region
        self.refusesProtected = refusesProtected
    }

    /// Nil when the machine may be touched; else why not.
    package func violation(by instance: Instance?) -> String? {
        guard let instance else { return "the instance is gone" }
        guard instance.tags[Tag.scope] == scope, instance.tags[Tag.store] == store.text,
            instance.tags[Tag.run] == run.text, instance.clientToken == clientToken
        else { return "\(instance.id) is not ours any more" }
        if refusesProtected && instance.isProtected { return "\(instance.id) is protected" }
        return nil
    }
}

/// A run that is left alone, and why.
package struct Inaction: Hashable, Sendable {
    package var run: RunName
    package var reason: InactionReason

    package init(_ run: RunName, because reason: InactionReason) {
        self.run = run
        self.reason = reason
    }
}

/// A machine that bears our scope's tag, but was not launched from our ledger: never touched.
package struct ForeignInstance: Hashable, Sendable {
    package var instance: InstanceID
    package var detail: String

    package init(instance: InstanceID, detail: String) {
        self.instance = instance
        self.detail = detail
    }
}
