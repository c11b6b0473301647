import Training

extension Scenario {
    /// A scenario whose every part, and its size, comes from `seed`.
    ///
    /// Half of all are of the usual size or larger: at least 20 runs, three days, 15 faults and
    /// three crashes. The small ones are cheap, and leave more room for odd coincidences.
    package static func draw(seed: UInt64, weather: Weather) -> Scenario {
        var generator = SplitMix64(seed: seed)
        let size = Size.draw(using: &generator)
        let regions = generator.chance(0.3) ? ["us-east-1", "us-west-2"] : ["us-east-1"]
        var workload = WorkloadDraw(
            generator: SplitMix64(seed: generator.next()), size: size, regions: regions)
        let runs = workload.draw()
        let reconcilers = drawReconcilers(using: &generator)
        var edits = EditDraw(
            generator: SplitMix64(seed: generator.next()), size: size, runs: runs,
            reconcilers: reconcilers.count)
        let changes = edits.draw()
        var faults = FaultDraw(
            generator: SplitMix64(seed: generator.next()), size: size, weather: weather,
            regions: regions, runs: runs, reconcilers: reconcilers.count, edits: changes)
        return Scenario(
            seed: generator.next(), span: size.span, regions: regions,
            rules: drawRules(runs: size.runs, using: &generator),
            pools: drawPools(weather, regions, runs, using: &generator),
            policy: drawPolicy(using: &generator), workload: runs, edits: changes,
            reconcilers: reconcilers, faults: faults.draw())
    }

    /// How much there is of everything.
    struct Size {
        var runs: Int
        var span: Seconds
        var faults: Int
        var crashes: Int
        var edits: Int

        static func draw(using generator: inout SplitMix64) -> Size {
            let share = generator.span(0...99)
            if share < 46 {
                return Size(
                    runs: Int(generator.span(1...8)), span: .hours(Int(generator.span(6...30))),
                    faults: Int(generator.span(2...12)), crashes: Int(generator.span(1...3)),
                    edits: Int(generator.span(0...5)))
            }
            let isLarge = share >= 98
            return Size(
                runs: Int(generator.span(isLarge ? 24...40 : 20...23)),
                span: .hours(Int(generator.span(isLarge ? 81...168 : 72...80))),
                faults: Int(generator.span(isLarge ? 20...40 : 15...19)),
                crashes: Int(generator.span(isLarge ? 5...10 : 3...4)),
                edits: Int(generator.span(isLarge ? 9...14 : 3...8)))
        }
    }

    private static func drawReconcilers(using generator: inout SplitMix64) -> [ReconcilerPlan] {
        let share = generator.span(0...9)
        let count = share < 7 ? 1 : share < 9 ? 2 : 3
        return (0..<count).map { number in
            let start = number == 0 ? 0 : Seconds(Int(generator.span(0...7200)))
            // A job in CI finds everything anew, each time.
            guard generator.chance(0.2) else { return ReconcilerPlan(at: start) }
            let wait: Seconds = generator.chance(0.5) ? 0 : .minutes(10)
            return ReconcilerPlan(
                .once(every: .minutes(Int(generator.span(40...180))), wait: wait), at: start)
        }
    }

    private static func drawPolicy(using generator: inout SplitMix64) -> ScopePolicy {
        let limits: [ScopePolicy.TerminationLimit] = [
            .percent(20), .percent(20), .percent(50), .count(1), .count(3), .percent(100),
        ]
        return ScopePolicy(
            scope: "research",
            maxTerminations: limits.randomElement(using: &generator) ?? .percent(20),
            maxLaunches: generator.chance(0.2) ? 3 : 50)
    }

    private static func drawRules(
        runs: Int, using generator: inout SplitMix64
    ) -> SimulatedEC2.Rules {
        var rules = SimulatedEC2.Rules.real
        let delays: [ClosedRange<Int64>] = [0...10_000, 0...60_000, 30_000...299_000]
        rules.visibility = delays.randomElement(using: &generator) ?? rules.visibility
        if generator.chance(0.3) { rules.tagging = 0...60_000 }
        if generator.chance(0.3) { rules.boot = 30_000...180_000 }
        if generator.chance(0.2) { rules.tagFading = 1_000...60_000 }
        if generator.chance(0.3) { rules.emptyPage = 0.3 }
        if generator.chance(0.5) { rules.capacityStatus = 400 }
        rules.refusesEndedTokens = generator.chance(0.7)
        if generator.chance(0.15) {
            // Of machines with four vCPUs, about half of the runs at once.
            rules.quotas[SimulatedEC2.Quota(.spot, .graphics)] = max(4, 2 * runs)
        }
        if generator.chance(0.04) {
            // Of those that are not on spot, too.
            rules.quotas[SimulatedEC2.Quota(.onDemand, .graphics)] = max(4, runs * 3 / 4)
        }
        return rules
    }

    private static func drawPools(
        _ weather: Weather, _ regions: [String], _ runs: [PlannedRun],
        using generator: inout SplitMix64
    ) -> [PoolPlan] {
        let types = Set(runs.flatMap { $0.spec.resources.choices.compactMap(\.instanceType) })
        return regions.flatMap { region in
            PoolPlan.draw(
                weather, region: region, types: types.sorted(),
                zones: ["a", "b", "c"].map { region + $0 }, using: &generator)
        }
    }
}

extension PoolPlan {
    /// The spot pools of a region that dry up under a weather.
    static func draw(
        _ weather: Weather, region: String, types: [String], zones: [String],
        using generator: inout SplitMix64
    ) -> [PoolPlan] {
        types.flatMap { type in
            zones.compactMap { zone in
                weather.pool(using: &generator).map { weather in
                    let pool = SimulatedEC2.Pool(market: .spot, type: type, zone: zone)
                    return PoolPlan(region: region, pool: pool, weather: weather)
                }
            }
        }
    }
}
