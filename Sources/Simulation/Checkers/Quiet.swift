import Planning
import Training

/// Promise 7, the second half: when a fleet has converged and nothing changes, the next plan is
/// empty.
struct Quiet: Sendable {
    /// What changed this long before a look shows in it: EC2's answers may lag by five minutes.
    static let lag: Seconds = .minutes(10)

    private struct Looks {
        var began: Timestamp
        /// When the look began on which a converged plan stands.
        var convergedAt: Timestamp?
        /// Runs whose reasons end by themselves.
        var patient: Set<RunName> = []
    }

    private var looks: [ProcessID: Looks] = [:]
    private var changedAt = Timestamp(milliseconds: 0)

    mutating func changed(at now: Timestamp) { changedAt = now }

    mutating func beganLook(_ process: ProcessID, at now: Timestamp) {
        looks[process, default: Looks(began: now)].began = now
    }

    mutating func planned(
        _ plan: Plan, by process: ProcessID, at now: Timestamp
    ) -> BrokenPromise? {
        guard var look = looks[process] else { return nil }
        defer { looks[process] = look }
        if plan.isConverged {
            if let known = look.convergedAt, known >= changedAt { return nil }
            look.convergedAt = look.began
            look.patient = Set(plan.inactions.filter(\.reason.endsByItself).map(\.run))
            return nil
        }
        guard let baseline = look.convergedAt else { return nil }
        look.convergedAt = nil
        guard baseline.since(changedAt) >= Quiet.lag,
            let action = plan.actions.first(where: { !look.patient.contains($0.run) })
        else { return nil }
        return BrokenPromise(
            .quiet, at: now, run: action.run, machine: action.instance,
            "\(process) plans to \(action.verb.rawValue) (\(action.reason.code)), though the fleet "
                + "had converged and nothing has changed since \(changedAt)")
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
