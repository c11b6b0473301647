package import Training

/// What would become of a team's own manifests on a market.
///
/// The production loops run them in a simulated world, where nothing goes wrong but what the
/// market does. Beside it the same fleet runs on demand, and nobody disturbs it.
package struct Forecast: Sendable {
    package let question: ForecastQuestion
    /// Every region that the reconciler looks at, home first.
    let regions: [String]

    /// Why no forecast can be made of a run.
    package struct Problem: Hashable, Sendable {
        package var run: RunName
        /// What is wrong, and what to do.
        package var message: String
    }

    package init(_ question: ForecastQuestion) {
        self.question = question
        let home = question.region
        let named = question.regions.union(question.profiles.values.map(\.region))
        regions = [home] + named.subtracting([home]).sorted()
    }

    /// Runs whose machines the simulated regions do not have; empty: there are none.
    package var problems: [Problem] {
        question.runs.compactMap { spec in
            problem(of: spec).map { Problem(run: spec.name, message: $0) }
        }
    }

    private func problem(of spec: RunSpec) -> String? {
        for choice in spec.resources.asked {
            let region = question.region(of: choice, spec)
            guard types(for: choice, in: region).isEmpty else { continue }
            if let type = choice.instanceType {
                return "the price of \(type) in \(region) is not known; give it with --prices"
            }
            let wanted = choice.accelerators.map(\.description) ?? "what is asked for"
            return "no simulated machine has \(wanted); name an instance_type"
        }
        guard case .traces(let traces) = question.sky, spec.wantsSpot else { return nil }
        let known = Set(traces.map(\.zone))
        let wanted = spec.resources.asked.flatMap { zones(for: $0, spec) }
        guard !wanted.contains(where: known.contains) else { return nil }
        return "no trace is about a zone where it may run; there are traces of "
            + known.sorted().joined(separator: ", ")
    }

    /// Runs both worlds.
    package func made(keepsTimeline: Bool = false) -> ForecastResult {
        var quiet = Trial(scenario(isQuiet: true))
        var trial = Trial(scenario(isQuiet: false), keepsTimeline: keepsTimeline)
        let needed = Dictionary(
            uniqueKeysWithValues: question.runs.map {
                ($0.name, question.compute(of: $0).count)
            })
        let onDemand = quiet.runOpen(needed: needed).story
        let (verdict, story) = trial.runOpen(needed: needed)
        return ForecastResult(
            end: Scenario.start + question.span, phases: trial.phases, story: story,
            onDemand: onDemand, verdict: verdict, timeline: trial.timeline)
    }

    // MARK: The worlds

    private func scenario(isQuiet: Bool) -> Scenario {
        var generator = SplitMix64(seed: question.seed)
        let places = places
        var pools: [PoolPlan] = []
        if case .weather(let weather) = question.sky, !isQuiet {
            for plan in places {
                pools += PoolPlan.draw(
                    weather, region: plan.region, types: plan.spotTypes,
                    zones: plan.place.zones.map(\.name), using: &generator)
            }
        }
        return Scenario(
            seed: question.seed, span: question.span, regions: regions, pools: pools,
            places: isQuiet ? places.map(\.withoutTraces) : places,
            policy: question.policy.elsewhere, profiles: question.profiles.mapValues(\.anywhere),
            workload: question.runs.enumerated().map { number, spec in
                planned(spec, number: number + 1, isQuiet: isQuiet)
            },
            reconcilers: [ReconcilerPlan(.continuous(interval: question.interval))])
    }

    /// As a manifest declares it, less what only the real account can answer.
    private func planned(_ spec: RunSpec, number: Int, isQuiet: Bool) -> PlannedRun {
        var simulated = spec
        simulated.resources.image = nil
        simulated.checkpoint = spec.checkpoint.map(\.simulated)
        if let until = spec.suspend?.until {
            simulated.suspend?.until = Scenario.start + until.since(question.now)
        }
        if isQuiet {
            simulated.market = .onDemand
            simulated.resources.maxHourlyCost = nil
            for index in simulated.resources.choices.indices {
                simulated.resources.choices[index].market = nil
            }
        }
        return PlannedRun(
            simulated, question.trainer(of: spec),
            tree: spec.workdir.map { _ in WorkloadDraw.tree(number) })
    }

    private var places: [RegionPlan] {
        regions.map { region in
            let seen = traces(in: region)
            var zones = named(in: region)
            zones.formUnion(
                seen.isEmpty
                    ? SimulatedEC2.Place.usual(region).zones.map(\.name) : seen.map(\.zone))
            // A zone in which nobody looked for spot machines has none.
            let unseen = seen.isEmpty ? [] : zones.subtracting(seen.map(\.zone)).sorted()
            return RegionPlan(
                region: region, zones: zones.sorted(), prices: question.prices[region] ?? [:],
                traces: seen + unseen.map { .dry($0) }, spotTypes: types(in: region))
        }
    }

    /// Zones of a region that manifests name.
    private func named(in region: String) -> Set<String> {
        let profiles = question.profiles.values.filter { $0.region == region }.flatMap(\.zones)
        let choices = question.runs.flatMap { spec in
            spec.resources.choices.filter { question.region(of: $0, spec) == region }
                .compactMap(\.zone)
        }
        return Set(profiles + choices)
    }

    private func traces(in region: String) -> [AvailabilityTrace] {
        guard case .traces(let traces) = question.sky else { return [] }
        return traces.filter { $0.region == region }.sorted { $0.zone < $1.zone }
    }

    // MARK: Machines

    /// Types that some run may get in a region, sorted.
    package func types(in region: String) -> [String] {
        let found = question.runs.flatMap { spec in
            spec.resources.asked.filter { question.region(of: $0, spec) == region }
                .flatMap { types(for: $0, in: region) }
        }
        return Set(found).sorted()
    }

    private func types(for choice: MachineChoice, in region: String) -> [String] {
        RegionPlan(region: region, prices: question.prices[region] ?? [:]).place.types
            .filter(choice.fits).map(\.name)
    }

    private func zones(for choice: MachineChoice, _ spec: RunSpec) -> [String] {
        let region = question.region(of: choice, spec)
        if let zone = choice.zone { return [zone] }
        let named =
            spec.profile.flatMap { question.profiles[$0] }
            .flatMap { $0.region == region ? $0.zones : nil } ?? []
        return named.isEmpty ? traces(in: region).map(\.zone) : named
    }
}

extension Resources {
    /// One that leaves all open stands for no choice, as for the planner.
    var asked: [MachineChoice] { choices.isEmpty ? [MachineChoice()] : choices }
}

extension AvailabilityTrace {
    /// No room, ever.
    fileprivate static func dry(_ zone: String) -> AvailabilityTrace {
        AvailabilityTrace(
            zone: zone, samples: [Sample(at: 0, room: 0)], span: 0, countsMachines: false)
    }
}

extension RegionPlan {
    fileprivate var withoutTraces: RegionPlan {
        var plan = self
        plan.traces = []
        return plan
    }
}

extension ScopePolicy {
    /// With records in the simulated bucket.
    fileprivate var elsewhere: ScopePolicy {
        ScopePolicy(scope: scope, maxTerminations: maxTerminations, maxLaunches: maxLaunches)
    }
}

extension Profile {
    /// Subnets, groups, images and keys are taken to exist.
    fileprivate var anywhere: Profile {
        Profile(name: name, region: region, zones: zones, trainer: trainer, tags: tags)
    }
}

extension CheckpointPolicy {
    /// With a name that a simulated trainer can write, and a step that can be read.
    fileprivate var simulated: CheckpointPolicy {
        var policy = self
        let isFixed = !path.contains { "*?[{".contains($0) }
        policy.path = isFixed ? "checkpoints/last" : "checkpoints/step-*"
        policy.step = step ?? "step-(?<step>[0-9]+)"
        policy.ignore = []
        return policy
    }
}
