package import Training

/// One trial of the promises as plain data: what the world is like, what people want and do in
/// it, and what goes wrong.
///
/// Written by hand for a rule that must hold, or drawn from a seed. All moments are spans since
/// the world's beginning.
package struct Scenario: Hashable, Sendable, Codable {
    /// When every world begins.
    package static let start = Timestamp(milliseconds: 1_790_000_000_000)

    /// What the world's own chances come from: latencies, ids, the jitter of programs.
    package var seed: UInt64
    /// How long faults may strike; then they cease, and the fleet must converge.
    package var span: Seconds
    package var regions: [String]
    /// How every region behaves.
    package var rules: SimulatedEC2.Rules
    /// The pools that dry up; every other one has room without end.
    package var pools: [PoolPlan]
    /// Regions that are not as usual.
    package var places: [RegionPlan]
    package var policy: ScopePolicy
    /// By name.
    package var profiles: [String: Profile]
    package var workload: [PlannedRun]
    package var edits: [Edit]
    package var reconcilers: [ReconcilerPlan]
    package var faults: [Fault]

    /// Without `profiles` there is one a region, by the region's name.
    package init(
        seed: UInt64, span: Seconds, regions: [String] = ["us-east-1"],
        rules: SimulatedEC2.Rules = .real, pools: [PoolPlan] = [], places: [RegionPlan] = [],
        policy: ScopePolicy = ScopePolicy(scope: "research"),
        profiles: [String: Profile]? = nil, workload: [PlannedRun],
        edits: [Edit] = [], reconcilers: [ReconcilerPlan] = [ReconcilerPlan()],
        faults: [Fault] = []
    ) {
        self.seed = seed
        self.span = span
        self.regions = regions
        self.rules = rules
        self.pools = pools
        self.places = places
        self.policy = policy
        self.profiles =
            profiles
            ?? Dictionary(
                uniqueKeysWithValues: regions.map { ($0, Profile(name: $0, region: $0)) })
        self.workload = workload
        self.edits = edits
        self.reconcilers = reconcilers
        self.faults = faults
    }
}

/// A training, and when its manifest is first committed.
package struct PlannedRun: Hashable, Sendable, Codable {
    package var spec: RunSpec
    /// The Git tree of its working directory; nil when it brings no source.
    package var tree: String?
    package var trainer: TrainerBehaviour
    package var at: Seconds

    package init(
        _ spec: RunSpec, _ trainer: TrainerBehaviour = TrainerBehaviour(), tree: String? = nil,
        at moment: Seconds = 0
    ) {
        self.spec = spec
        self.trainer = trainer
        self.tree = tree
        at = moment
    }
}

/// How one pool dries up and recovers.
package struct PoolPlan: Hashable, Sendable, Codable {
    package var region: String
    package var pool: SimulatedEC2.Pool
    package var weather: SimulatedEC2.PoolWeather

    package init(
        region: String, pool: SimulatedEC2.Pool, weather: SimulatedEC2.PoolWeather
    ) {
        self.region = region
        self.pool = pool
        self.weather = weather
    }
}

/// One reconciler: a control node, or a job in CI that runs again and again.
package struct ReconcilerPlan: Hashable, Sendable, Codable {
    package enum Mode: Hashable, Sendable, Codable {
        case continuous(interval: Seconds)
        /// `--once`, each time from nothing, this often; it waits for convergence that long.
        case once(every: Seconds, wait: Seconds)
    }

    package var mode: Mode
    /// When it first starts.
    package var at: Seconds

    package init(_ mode: Mode = .continuous(interval: 60), at moment: Seconds = 0) {
        self.mode = mode
        at = moment
    }
}
