package import Training

/// What a forecast is made of: manifests, a market, and what no manifest says.
package struct ForecastQuestion: Hashable, Sendable {
    /// What the spot market is like.
    package enum Sky: Hashable, Sendable {
        case weather(Weather)
        /// What was seen of zones, each once.
        case traces([AvailabilityTrace])
    }

    /// How trainers behave: the same for each, but for the compute that a run needs.
    package struct Habits: Hashable, Sendable {
        /// What a run needs of training alone, undisturbed.
        package var compute: Seconds = .hours(24)
        /// Other needs, by run.
        package var computes: [RunName: Seconds] = [:]
        /// How long a trainer stands still for a checkpoint.
        package var saving: Seconds = 30
        /// What setup and mounts take on each new machine of a run that has any.
        package var setup: Seconds = .minutes(5)

        package init() {}

        /// No trainer saves more often than this: it would hardly train any more, and each
        /// checkpoint takes the simulation a while.
        package var fastestSaves: Seconds { max(.minutes(1), Seconds(saving.count * 10)) }
    }

    package var runs: [RunSpec]
    package var policy: ScopePolicy
    /// By name.
    package var profiles: [String: Profile]
    package var sky: Sky
    package var seed: UInt64
    package var span: Seconds
    /// Between two looks of the reconciler.
    package var interval: Seconds = 60
    package var habits = Habits()
    /// USD an hour on demand, by region and type.
    package var prices: [String: [String: Dollars]]
    /// Where a run goes that names no region.
    package var region: String
    /// From which moment on `suspend.until` counts.
    package var now: Timestamp

    package init(
        runs: [RunSpec], policy: ScopePolicy, profiles: [String: Profile], sky: Sky, seed: UInt64,
        span: Seconds, prices: [String: [String: Dollars]], region: String, now: Timestamp
    ) {
        self.runs = runs
        self.policy = policy
        self.profiles = profiles
        self.sky = sky
        self.seed = seed
        self.span = span
        self.prices = prices
        self.region = region
        self.now = now
    }

    /// Types of which the simulated regions know the accelerators.
    package static let knownTypes = SimulatedEC2.MachineType.known.map(\.name)

    /// Every region that a run may go to.
    package var regions: Set<String> {
        Set(runs.flatMap { spec in spec.resources.asked.map { region(of: $0, spec) } })
    }

    func region(of choice: MachineChoice, _ spec: RunSpec) -> String {
        if let region = choice.region { return region }
        if let profile = spec.profile.flatMap({ profiles[$0] }) { return profile.region }
        return spec.resources.choices.lazy.compactMap(\.region).first ?? region
    }

    /// What a run needs of training alone.
    package func compute(of spec: RunSpec) -> Seconds {
        habits.computes[spec.name] ?? habits.compute
    }

    /// A step is a second of training.
    func trainer(of spec: RunSpec) -> TrainerBehaviour {
        var trainer = TrainerBehaviour()
        trainer.stepsPerHour = 3600
        trainer.steps = compute(of: spec).count
        if let policy = spec.checkpoint {
            trainer.saveEvery = max(policy.every, habits.fastestSaves).count
        }
        trainer.saving = Int(habits.saving.milliseconds)
        trainer.onSignal = .save(milliseconds: Int(habits.saving.milliseconds), code: 0)
        trainer.setup = Int(habits.setup.milliseconds)
        trainer.mounting = spec.setup == nil ? Int(habits.setup.milliseconds) : 0
        return trainer
    }
}

extension AvailabilityTrace {
    /// The region of its zone: `us-east-1` of `us-east-1a`.
    package var region: String { String(zone.dropLast()) }
}

extension RunSpec {
    /// Whether any of its machines would be a spot machine.
    package var wantsSpot: Bool {
        let markets = resources.choices.map { $0.market ?? market }
        return markets.isEmpty ? market == .spot : markets.contains(.spot)
    }
}
