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
    /// A termination is counted before it is done; when that is longer ago, it is counted anew.
    package static let delay: Seconds = .minutes(5)

    package var isBlown: Bool { asked > 0 && spent + asked > allowed && !isApproved }

    package init(allowed: Int, spent: Int, asked: Int, isApproved: Bool) {
        self.allowed = allowed
        self.spent = spent
        self.asked = asked
        self.isApproved = isApproved
    }
}

extension ScopeRecord {
    /// The terminations that count at `now`: those that may have been done within the window.
    func terminations(at now: Timestamp) -> [Termination] {
        terminations.filter { now.since($0.at) < FuseVerdict.window + FuseVerdict.delay }
    }

    package func approval(of plan: String, at revision: Revision, now: Timestamp) -> Approval? {
        approvals.first { approval in
            approval.plan == plan && approval.revision.commit == revision.commit
                && now < approval.expires
        }
    }
}
