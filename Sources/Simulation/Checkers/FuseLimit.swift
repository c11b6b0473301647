import Planning
import Training

/// The fuse: how many machines with living trainers may go within a rolling hour by removal,
/// relaunch and silence, unless a person approves.
struct FuseLimit: Sendable {
    private struct Spent {
        var machine: InstanceID
        var at: Timestamp
    }

    private var spent: [Spent] = []
    /// The newest policy's and the one before: a plan may stand on either.
    private var limits: [ScopePolicy.TerminationLimit] = []
    private var approvedAt: Timestamp?

    mutating func declared(_ fleet: DesiredFleet) {
        let limit = fleet.policy.maxTerminations
        guard limits.last != limit else { return }
        limits = limits.suffix(1) + [limit]
    }

    mutating func approved(at now: Timestamp) { approvedAt = now }

    /// A reconciler sets out to end a machine; `alive` were alive at some time within the hour.
    mutating func acting(
        _ action: PlannedAction, isTraining: Bool, alive: Int, at now: Timestamp
    ) -> BrokenPromise? {
        guard isTraining, let machine = action.instance, FuseLimit.counts(action) else {
            return nil
        }
        spent.removeAll { now.since($0.at) >= FuseVerdict.window }
        guard !spent.contains(where: { $0.machine == machine }) else { return nil }
        spent.append(Spent(machine: machine, at: now))
        if let approvedAt, now.since(approvedAt) < FuseVerdict.window { return nil }
        // What heals from the applied revision knows no policy but the default.
        let allowed = (limits + [ScopePolicy().maxTerminations]).map { $0.allowed(of: alive) }
        let limit = allowed.max() ?? 1
        guard spent.count > limit else { return nil }
        return BrokenPromise(
            .fuse, at: now, run: action.run, machine: machine,
            "\(spent.count) machines are ended within an hour, \(limit) of \(alive) may be")
    }

    private static func counts(_ action: PlannedAction) -> Bool {
        guard [.stop, .terminate, .relaunch].contains(action.verb) else { return false }
        switch action.reason {
        case .removed, .specChanged, .codeChanged, .silent: return true
        default: return false
        }
    }
}
