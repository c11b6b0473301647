/// All that one commit desires.
package struct DesiredFleet: Hashable, Sendable {
    package var revision: Revision
    package var policy: ScopePolicy
    /// Sorted by name.
    package var runs: [DesiredRun]
    /// Some document could not be decoded.
    ///
    /// It might be the one that declares a run that seems to be gone, so nothing at all is pruned.
    package var isIncomplete: Bool

    package init(
        revision: Revision, policy: ScopePolicy, runs: [DesiredRun], isIncomplete: Bool
    ) {
        self.revision = revision
        self.policy = policy
        self.runs = runs.sorted { $0.spec.name < $1.spec.name }
        self.isIncomplete = isIncomplete
    }
}

/// One declared run with the code it names at this commit.
package struct DesiredRun: Hashable, Sendable {
    package var spec: RunSpec
    /// The Git tree id of the working directory; nil when the spec names none.
    package var sourceTree: String?

    package init(spec: RunSpec, sourceTree: String? = nil) {
        self.spec = spec
        self.sourceTree = sourceTree
    }
}

/// The rules of one scope: the set of machines that one repository owns.
package struct ScopePolicy: Hashable, Sendable, Codable {
    /// How many machines may be terminated within an hour.
    package enum TerminationLimit: Hashable, Sendable, Codable {
        case count(Int)
        /// Of the scope's live machines; never less than one.
        case percent(Int)

        package func allowed(of live: Int) -> Int {
            switch self {
            case .count(let count): count
            case .percent(let percent): max(1, live * percent / 100)
            }
        }
    }

    package var scope: String
    package var maxTerminations: TerminationLimit
    /// Launches that may be under way at once.
    package var maxLaunches: Int

    package init(
        scope: String = "default", maxTerminations: TerminationLimit = .percent(20),
        maxLaunches: Int = 50
    ) {
        self.scope = scope
        self.maxTerminations = maxTerminations
        self.maxLaunches = maxLaunches
    }
}
