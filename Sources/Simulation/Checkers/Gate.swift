import Planning
import Training

/// Promise 4: no machine with a living trainer is stopped or terminated before its time limit.
///
/// For an agent that holds the claim the gate cannot hold while its trainer lives. What remains is
/// the declared limit: after a drain that was announced long enough ago, or a silence as long.
struct Gate: Sendable {
    /// Beyond the trainer's own grace: to upload, verify and commit.
    static let allowance: Seconds = .minutes(5)
    /// A heartbeat that is missing for less is no silence.
    static let silence: Seconds = .minutes(3)
    /// A plan stands on a look that is older than what follows from it.
    static let slack: Seconds = .minutes(2)

    /// What bears on one order.
    struct Order {
        var verb: PortCall.ComputeVerb
        var machine: InstanceID
        var run: RunName
        /// The machine's agent wrote the run's index last.
        var isClaimant: Bool
        /// As the run's manifest declares it now, and as it did before its last change.
        var policies: [StopPolicy]
        /// The newest sign of life of the run.
        var lastSign: Timestamp?
    }

    private var announced: [InstanceID: Timestamp] = [:]

    /// A reconciler set out to end a machine.
    mutating func acting(_ action: PlannedAction, at now: Timestamp) {
        guard let machine = action.instance,
            [.stop, .terminate, .relaunch].contains(action.verb)
        else { return }
        announced[machine] = announced[machine] ?? now
    }

    mutating func ended(_ machine: InstanceID) { announced[machine] = nil }

    /// An order to a machine whose trainer lives.
    func ordered(_ order: Order, at now: Timestamp) -> BrokenPromise? {
        guard order.verb == .stop || order.verb == .terminate, order.isClaimant else { return nil }
        let policies = order.policies.isEmpty ? [StopPolicy()] : order.policies
        guard policies.contains(where: { $0.onTimeout == .proceed }) else {
            return broken(order, now, "its trainer lives, and stop.on_timeout: hold")
        }
        let grace = policies.map(\.grace).min() ?? 0
        let limit = grace + Gate.allowance
        let drained = announced[order.machine].map { now.since($0) + Gate.slack } ?? 0
        let silent = order.lastSign.map { now.since($0) + Gate.slack } ?? limit
        if drained >= limit || silent >= limit + Gate.silence { return nil }
        return broken(
            order, now,
            "its trainer lives, and was to have \(limit) from \(announced[order.machine] ?? now)")
    }

    private func broken(_ order: Order, _ now: Timestamp, _ detail: String) -> BrokenPromise {
        BrokenPromise(
            .gate, at: now, run: order.run, machine: order.machine, "\(order.verb): \(detail)")
    }
}
