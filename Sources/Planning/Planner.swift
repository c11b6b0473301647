package import Training

/// Compares what is declared with what was seen, and says what closes the difference.
///
/// Pure and total: the same plan for the same values, whatever their order.
package enum Planner {
    package static func plan(
        desired: DesiredFleet, observed: Observation, context: FleetContext
    ) -> Plan {
        let ownership = Ownership(of: observed, context)
        let shared = SharedFacts(desired, observed, ownership, context)
        var plan = Plan(
            revision: desired.revision, sequence: observed.scope?.applied?.sequence ?? 0,
            actions: [], inactions: [], blocked: [],
            fuse: FuseVerdict(allowed: 0, spent: 0, asked: 0, isApproved: false),
            foreign: ownership.foreign, phases: [])
        let declared = Dictionary(
            desired.runs.indices.map { (desired.runs[$0].spec.name, $0) }
        ) { first, _ in first }
        var launches = ownership.launchesUnderWay
        let limit = desired.policy.maxLaunches
        let names = Set(declared.keys).union(observed.runs.keys).union(observed.unknownRuns.keys)
        for name in names.sorted() {
            let record = observed.runs[name] ?? ObservedRun()
            var situation = RunSituation(
                name: name, desired: declared[name].map { desired.runs[$0] }, record: record,
                instances: ownership.instances[name] ?? [],
                unknown: observed.unknownRuns[name] ?? record.unseen(in: observed, context),
                launchBar: launches < limit ? nil : limit, shared: shared)
            let news = situation.catchUp()
            var decision = situation.decide()
            if let fact = news.first {
                decision.write(situation.ledger, of: name, because: fact)
            }
            if decision.isForgotten { continue }
            if decision.actions.contains(where: \.opensAttempt) { launches += 1 }
            plan.actions += decision.actions
            for reason in [decision.inaction, decision.leftover] {
                if let reason { plan.inactions.append(Inaction(name, because: reason)) }
            }
            plan.phases.append(situation.phase(decision))
        }
        applyFuse(to: &plan, desired.policy, observed, ownership)
        return plan
    }

    /// Over the limit the whole fused part of the plan is held, not a part of it.
    private static func applyFuse(
        to plan: inout Plan, _ policy: ScopePolicy, _ observed: Observation,
        _ ownership: Ownership
    ) {
        let now = observed.at
        let recent = observed.scope?.terminations(at: now) ?? []
        let fused = plan.actions.filter { $0.isFused && $0.instance != nil }
        let asking = fused.filter { action in
            !recent.contains { $0.instance == action.instance }
        }
        let approvals = observed.scope?.approvals ?? []
        // The plan's id is a digest: taken only where there is something to compare it with.
        let approval =
            approvals.isEmpty
            ? nil : observed.scope?.approval(of: plan.id, at: plan.revision, now: now)
        plan.fuse = FuseVerdict(
            allowed: policy.maxTerminations.allowed(of: ownership.live + recent.count),
            spent: recent.count, asked: asking.count, isApproved: approval != nil)
        if plan.fuse.isBlown {
            let id = plan.id
            plan.blocked = asking
            plan.actions.removeAll { asking.contains($0) }
            plan.inactions += asking.map { Inaction($0.run, because: .terminationLimit(plan: id)) }
            plan.inactions.sort { $0.run < $1.run }
        }
        // What was counted a while ago and not done counts from now.
        let late = fused.filter { action in
            recent.contains {
                $0.instance == action.instance && now.since($0.at) >= FuseVerdict.delay
            }
        }
        let counted = (plan.fuse.isBlown ? [] : asking) + late
        if !counted.isEmpty, var scope = observed.scope {
            scope.terminations = recent.filter { termination in
                !late.contains { $0.instance == termination.instance }
            }
            scope.terminations += counted.compactMap { action in
                action.instance.map {
                    ScopeRecord.Termination(run: action.run, instance: $0, at: now)
                }
            }
            scope.approvals.removeAll { $0 == approval || $0.expires < now }
            plan.scopeUpdate = scope
        }
    }
}

extension ObservedRun {
    /// Why a run is in the dark: a region that it needs was not read; nil when all were.
    ///
    /// On the embedded provider everything is in one place; on EC2 a run is in the dark only while
    /// a region of its open attempt is.
    fileprivate func unseen(in observed: Observation, _ context: FleetContext) -> String? {
        let regions = ledger?.openLaunches.map { ledger?.region(of: $0) } ?? []
        if regions.contains(nil),
            let unknown = observed.unknownRegions.min(by: { $0.key < $1.key })
        {
            return unknown.value
        }
        let needed = (context.cloud == nil ? context.regions : []) + regions.compactMap { $0 }
        return needed.lazy.compactMap { observed.blindness(in: $0) }.first
    }
}

extension Observation {
    fileprivate func blindness(in region: String) -> String? {
        unknownRegions[region]
            ?? (regions.contains(region) ? nil : "region \(region) was not read")
    }
}

extension PlannedAction {
    /// It asks for a machine that was not asked for before.
    var opensAttempt: Bool {
        if case .openLaunch = reason { return false }
        return verb == .launch || verb == .resume
    }
}
