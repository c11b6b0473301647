import Planning
import Training

/// A run whose index says whatever its machine wrote, before the planner.
struct HostileFleet {
    static let now = Timestamp(milliseconds: 1_795_000_000_000)
    static let revision = Revision(ref: "main", commit: String(repeating: "a", count: 40))

    private let desired: DesiredFleet
    private let observed: Observation
    private let context = FleetContext(
        scope: "lab", store: StoreIdentity(of: "file:///store"), storeURL: "file:///store",
        regions: ["local"], pace: .local)

    /// The ledger's open attempt is the one that the index speaks of, and its machine runs.
    init(_ index: RunIndex) {
        let spec = RunSpec(name: index.run, run: "true", maxDuration: .hours(1))
        let number = index.claim?.attempt ?? index.reports.last?.attempt ?? 1
        let machine = index.claim?.instance ?? InstanceID("i-1")
        var ledger = Ledger(run: index.run, writer: "w")
        ledger.attempts = [
            Attempt(
                number: number, generation: spec.generation, digest: SpecDigest(of: spec),
                spec: spec.reference, revision: HostileFleet.revision, source: nil,
                start: StartPoint(.newest), reason: "declared", createdAt: HostileFleet.now,
                launches: [
                    Launch(
                        ordinal: 1,
                        request: LaunchRequest(
                            clientToken: "t", region: "local", market: .onDemand,
                            shutdownBehavior: .terminate, tags: [:], userData: ""),
                        instance: machine, createdAt: HostileFleet.now)
                ])
        ]
        let tags = [
            Tag.scope: "lab", Tag.store: context.store.text, Tag.run: index.run.text,
            Tag.attempt: "\(number)", Tag.ordinal: "1",
        ]
        desired = DesiredFleet(
            revision: HostileFleet.revision, policy: ScopePolicy(scope: "lab"),
            runs: [DesiredRun(spec: spec)], isIncomplete: false)
        observed = Observation(
            at: HostileFleet.now,
            scope: ScopeRecord(
                scope: "lab", owner: ScopeRecord.Owner(origin: "o", ref: "main", path: "m"),
                writer: "w"),
            runs: [index.run: ObservedRun(ledger: ledger, index: index)],
            instances: [
                Instance(
                    id: machine, state: .running, market: .onDemand, region: "local",
                    clientToken: "t", tags: tags, launchedAt: HostileFleet.now)
            ], regions: ["local"])
    }

    /// There is a plan, the same each time, and everything in it has a reason.
    func requirePlanned() throws {
        let plan = Planner.plan(desired: desired, observed: observed, context: context)
        let again = Planner.plan(desired: desired, observed: observed, context: context)
        try require(plan == again, "two plans for the same look")
        for action in plan.actions + plan.blocked {
            try require(!action.reason.description.isEmpty, "an action without a reason")
            try require(!action.steps.isEmpty, "an action without a step")
        }
    }
}
