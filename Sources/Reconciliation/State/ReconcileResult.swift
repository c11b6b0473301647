package import Planning
package import Training

/// How one run of `reconcile` ended.
package struct ReconcileResult: Hashable, Sendable {
    /// The last plan; nil when nothing could be planned.
    package var plan: Plan?
    /// The first plan of the run: what was to be done when it began.
    package var firstPlan: Plan?
    /// What was done, in order; bookkeeping is left out.
    package var applied: [PlannedAction]
    package var diagnostics: [Diagnostic]
    /// Why the fetched revision is not applied.
    package var held: String?
    /// What failed, for people.
    package var problems: [String]
    package var isConverged: Bool
    /// The machines that were seen last, foreign ones included.
    package var instances: [Instance]
    /// Regions that could not be read whole at the last look, with the reason.
    package var unknownRegions: [String: String]
    package var revision: Revision?
    package var appliedRevision: Revision?

    package init() {
        applied = []
        diagnostics = []
        problems = []
        instances = []
        unknownRegions = [:]
        isConverged = false
    }
}

/// What the reconciler is asked to do.
package struct ReconcilerGoal: Hashable, Sendable {
    package enum Mode: Hashable, Sendable {
        /// Looks and plans; writes nothing.
        case plan
        /// Applies, and waits for convergence at most this long.
        case once(wait: Seconds)
        /// Goes on until it is stopped, looking at the source this often.
        case continuous(interval: Seconds)
        /// Drains and terminates every machine of the scope, whatever its manifests say, and waits
        /// for that at most this long.
        case teardown(wait: Seconds)
    }

    package var mode: Mode
    package var allowRollback: Bool
    /// Refuses to apply any other plan than this one, by its id at its revision.
    package var onlyPlan: SavedPlan?

    package struct SavedPlan: Hashable, Sendable, Codable {
        package var id: String
        package var revision: Revision
        package var sequence: Int

        package init(id: String, revision: Revision, sequence: Int) {
            self.id = id
            self.revision = revision
            self.sequence = sequence
        }
    }

    package init(mode: Mode, allowRollback: Bool = false, onlyPlan: SavedPlan? = nil) {
        self.mode = mode
        self.allowRollback = allowRollback
        self.onlyPlan = onlyPlan
    }
}
