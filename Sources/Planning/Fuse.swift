package import Training

/// The fuse: how many living machines may be terminated within a rolling hour.
///
/// Removals, relaunches and silence count; completions and interruptions do not.
package struct FuseVerdict: Hashable, Sendable {
    /// The larger of one and the policy's share of the live machines.
    package var allowed: Int
    /// Within the last hour.
    package var spent: Int
    package var asked: Int
    /// A person's approval of exactly this plan at this revision.
    package var isApproved: Bool

    package static let window: Seconds = .hours(1)

    package var isBlown: Bool { asked > 0 && spent + asked > allowed && !isApproved }

    package init(allowed: Int, spent: Int, asked: Int, isApproved: Bool) {
        self.allowed = allowed
        self.spent = spent
        self.asked = asked
        self.isApproved = isApproved
    }
}

extension ScopeRecord {
    /// The terminations that count at `now`.
    package func terminations(within window: Seconds, of now: Timestamp) -> [Termination] {
        terminations.filter { now.since($0.at) < window }
    }

    /// Whether a machine's termination is counted already.
    package func hasCounted(_ instance: InstanceID, at now: Timestamp) -> Bool {
        terminations(within: FuseVerdict.window, of: now).contains { $0.instance == instance }
    }

    package func approval(of plan: String, at revision: Revision, now: Timestamp) -> Approval? {
        approvals.first { approval in
            approval.plan == plan && approval.revision.commit == revision.commit
                && now < approval.expires
        }
    }
}
