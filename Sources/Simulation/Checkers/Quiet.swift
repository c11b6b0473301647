import Planning
import Training

/// Promise 7, the second half: when a fleet has converged, nothing is done to a run about which
/// nothing has changed since.
struct Quiet: Sendable {
    /// What changed this long before a look shows in it: EC2's answers may lag by five minutes.
    static let lag: Seconds = .minutes(10)

    private struct Looks {
        var began: Timestamp
        /// The repository could not be read: the plan heals, and prunes nothing.
        var heals = false
        /// When the newest look began on which a converged plan stands.
        var convergedAt: Timestamp?
        /// Runs whose reasons end by themselves.
        var patient: Set<RunName> = []
    }

    private var looks: [ProcessID: Looks] = [:]
    private var changedAt = Timestamp(milliseconds: 0)
    private var runs: [RunName: Timestamp] = [:]

    /// Something of one run, or (nil) of the world changed.
    mutating func changed(_ run: RunName?, at now: Timestamp) {
        if let run { runs[run] = now } else { changedAt = now }
    }

    mutating func beganLook(_ process: ProcessID, at now: Timestamp) {
        looks[process, default: Looks(began: now)].began = now
    }

    mutating func fetched(_ fleet: DesiredFleet?, by process: ProcessID) {
        looks[process]?.heals = fleet == nil
    }

    mutating func planned(
        _ plan: Plan, by process: ProcessID, at now: Timestamp
    ) -> BrokenPromise? {
        guard var look = looks[process] else { return nil }
        defer { looks[process] = look }
        if plan.isConverged, look.heals { return nil }
        if plan.isConverged {
            look.convergedAt = look.began
            look.patient = Set(plan.inactions.filter(\.reason.endsByItself).map(\.run))
            return nil
        }
        guard let baseline = look.convergedAt else { return nil }
        look.convergedAt = nil
        // To ask a region what it offers does nothing to a run.
        for action in plan.actions
        where !look.patient.contains(action.run) && !action.steps.allSatisfy(\.isQuestion) {
            let last = max(changedAt, runs[action.run] ?? changedAt)
            guard baseline.since(last) >= Quiet.lag else { continue }
            return BrokenPromise(
                .quiet, at: now, run: action.run, machine: action.instance,
                "\(process) plans to \(action.verb.rawValue) (\(action.reason.code)), though the "
                    + "fleet had converged and nothing of the run has changed since \(last)")
        }
        return nil
    }
}

extension InactionReason {
    /// Time alone makes an action of it.
    fileprivate var endsByItself: Bool {
        switch self {
        case .suspended(_, .some), .kept: true
        default: false
        }
    }
}
