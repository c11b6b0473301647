import Planning
import Training

/// `plan -o json` and the file of `plan --out`: a frozen surface.
struct PlanDocument: Codable, Hashable, Sendable {
    static let kind = "Plan"
    static let version = 1

    struct Action: Codable, Hashable, Sendable {
        var verb: String
        var run: RunName
        var attempt: Int?
        var instance: InstanceID?
        var reason: ReasonDocument
        var isDestructive: Bool
        /// Counted by the fuse.
        var isFused: Bool
        /// The machine that is asked for, on EC2.
        var machine: Machine?
    }

    struct Machine: Codable, Hashable, Sendable {
        var instanceType: String
        var market: Market
        var zone: String
        /// USD.
        var hourly: Dollars?
    }

    struct Cost: Codable, Hashable, Sendable {
        /// USD an hour.
        var now: Dollars
        var after: Dollars
    }

    struct Inaction: Codable, Hashable, Sendable {
        var run: RunName
        var reason: ReasonDocument
        /// Nothing more will happen by itself.
        var isSettled: Bool
    }

    struct Drift: Codable, Hashable, Sendable {
        var subject: String
        var reason: ReasonDocument
    }

    struct Fuse: Codable, Hashable, Sendable {
        var allowed: Int
        var spent: Int
        var asked: Int
        var isApproved: Bool
        var isBlown: Bool
    }

    var kind = PlanDocument.kind
    var version = PlanDocument.version
    /// What an approval is bound to: the digest of the destructive actions.
    var id: String
    var revision: Revision
    var sequence: Int
    var isConverged: Bool
    var drift: [Drift]
    var actions: [Action]
    var blocked: [Action]
    var inactions: [Inaction]
    var fuse: Fuse
    var phases: [PhaseDocument]
    /// Where prices are known.
    var cost: Cost?
    /// How many actions of each verb.
    var summary: [String: Int]

    init(_ plan: Plan) {
        id = plan.id
        revision = plan.revision
        sequence = plan.sequence
        isConverged = plan.isConverged
        drift = plan.drift.map {
            Drift(subject: $0.subject, reason: ReasonDocument(code: $0.code, message: $0.message))
        }
        actions = plan.visibleActions.map(Action.init)
        blocked = plan.blocked.map(Action.init)
        inactions = plan.inactions.map {
            Inaction(
                run: $0.run,
                reason: ReasonDocument(code: $0.reason.code, message: "\($0.reason)"),
                isSettled: $0.reason.isSettled)
        }
        fuse = Fuse(
            allowed: plan.fuse.allowed, spent: plan.fuse.spent, asked: plan.fuse.asked,
            isApproved: plan.fuse.isApproved, isBlown: plan.fuse.isBlown)
        phases = plan.phases.map(PhaseDocument.init)
        cost = plan.cost.map { Cost(now: $0.now, after: $0.after) }
        summary = Dictionary(
            plan.visibleActions.map { ($0.verb.rawValue, 1) }, uniquingKeysWith: +)
    }
}

extension PlanDocument.Action {
    init(_ action: PlannedAction) {
        verb = action.verb.rawValue
        run = action.run
        attempt = action.attempt
        instance = action.instance
        reason = ReasonDocument(code: action.reason.code, message: "\(action.reason)")
        isDestructive = action.isDestructive
        isFused = action.isFused
        machine = action.offering.map {
            PlanDocument.Machine(
                instanceType: $0.pool.instanceType, market: $0.pool.market, zone: $0.pool.zone,
                hourly: $0.price)
        }
    }
}

/// A typed reason: the code for machines, the message for people.
struct ReasonDocument: Codable, Hashable, Sendable {
    var code: String
    var message: String
}

/// Where one run stands.
struct PhaseDocument: Codable, Hashable, Sendable {
    var run: RunName
    var phase: String
    var attempt: Int?
    var instance: InstanceID?
    var step: Int?
    var checkpoint: CheckpointID?
    var reason: String

    init(_ phase: RunPhase) {
        run = phase.run
        self.phase = phase.phase.name
        attempt = phase.attempt
        instance = phase.instance
        step = phase.step
        checkpoint = phase.checkpoint
        reason = phase.reason
    }
}

/// A difference between what was and what is, that nobody here decided.
struct PlanDrift: Hashable, Sendable {
    var subject: String
    var code: String
    var message: String
}

extension Plan {
    /// What the world did: machines and attempts that ended, and machines that are not ours.
    ///
    /// Sorted as the plan's actions are.
    var drift: [PlanDrift] {
        let closing = Set(actions.filter { $0.verb == .record }.map(\.run))
        let ended = actions.compactMap { action -> PlanDrift? in
            // What is recorded of a run says more than what goes on after it.
            guard action.reason.isDrift, action.verb == .record || !closing.contains(action.run)
            else { return nil }
            return PlanDrift(
                subject: action.run.text, code: action.reason.code,
                message: action.reason.observation)
        }
        let foreign = self.foreign.map {
            PlanDrift(subject: $0.instance.text, code: "Foreign", message: $0.detail)
        }
        return ended + foreign
    }
}

extension ActionReason {
    fileprivate var isDrift: Bool {
        switch self {
        // Our own doing.
        case .continues(.drained, _), .attemptEnded(_, .drained): false
        case .continues, .attemptEnded, .machineMissing, .neverClaimed, .silent: true
        case .firstAttempt, .newGeneration, .operatorResume, .openLaunch, .nextOffering,
            .specChanged, .codeChanged, .liveFieldsChanged, .declaredStopped, .declaredTerminated,
            .removed, .gateTimeLimit, .supersededLaunch, .endedRun, .launchAnswered, .retention:
            false
        }
    }

    /// What happened, without what is done about it.
    fileprivate var observation: String {
        if case .continues(let outcome, _) = self { return "the last attempt \(outcome.phrase)" }
        return "\(self)"
    }
}
