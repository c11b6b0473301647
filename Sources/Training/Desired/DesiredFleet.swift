/// All that one commit desires.
package struct DesiredFleet: Hashable, Sendable {
    package var revision: Revision
    package var policy: ScopePolicy
    /// Sorted by name.
    package var runs: [DesiredRun]
    /// By name.
    package var profiles: [String: Profile]
    /// Some document could not be decoded.
    ///
    /// It might be the one that declares a run that seems to be gone, so nothing at all is pruned.
    package var isIncomplete: Bool

    package init(
        revision: Revision, policy: ScopePolicy, runs: [DesiredRun],
        profiles: [String: Profile] = [:], isIncomplete: Bool
    ) {
        self.revision = revision
        self.policy = policy
        self.runs = runs.sorted { $0.spec.name < $1.spec.name }
        self.profiles = profiles
        self.isIncomplete = isIncomplete
    }
}

extension DesiredFleet {
    /// Every region that its profiles and runs name.
    package var regions: Set<String> {
        let named = runs.flatMap { $0.spec.resources.choices.compactMap(\.region) }
        return Set(profiles.values.map(\.region)).union(named)
    }
}

/// One declared run with the code it names at this commit.
package struct DesiredRun: Hashable, Sendable {
    /// The Git tree id of the working directory; nil when the spec names none.
    package var sourceTree: String?
    private var declared: Shared<Declared>

    package init(spec: RunSpec, sourceTree: String? = nil) {
        self.sourceTree = sourceTree
        declared = Shared(Declared(spec))
    }

    package var spec: RunSpec {
        get { declared.value.spec }
        set { declared = Shared(Declared(newValue)) }
    }

    /// The digest of what cannot change under a living attempt.
    package var digest: SpecDigest { declared.value.digest }

    /// Where the spec is stored.
    package var reference: StoredReference { declared.value.reference }

    /// Where the spec that agents read is stored, see `RunSpec.forAgent`.
    package var agentSpec: StoredReference { declared.value.agentSpec }

    /// A spec with its digests, which cost more than all else that a plan needs of a run: taken
    /// once for each spec.
    private struct Declared: Hashable, Sendable {
        let spec: RunSpec
        let digest: SpecDigest
        let reference: StoredReference
        let agentSpec: StoredReference

        init(_ spec: RunSpec) {
            self.spec = spec
            digest = SpecDigest(of: spec)
            reference = spec.reference
            agentSpec = spec.forAgent.reference
        }
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
    /// Where ledgers, index and checkpoints are; nil: as the operator says.
    package var state: S3Location?
    /// The bucket's region; nil: the region of the operator's configuration.
    package var stateRegion: String?

    package init(
        scope: String = "default", maxTerminations: TerminationLimit = .percent(20),
        maxLaunches: Int = 50, state: S3Location? = nil, stateRegion: String? = nil
    ) {
        self.scope = scope
        self.maxTerminations = maxTerminations
        self.maxLaunches = maxLaunches
        self.state = state
        self.stateRegion = stateRegion
    }
}
