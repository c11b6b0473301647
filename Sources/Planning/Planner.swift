package import Training

/// Compares what is declared with what was seen, and says what closes the difference.
///
/// Pure and total: the same plan for the same values, whatever their order.
package enum Planner {
    package static func plan(
        desired: DesiredFleet, observed: Observation, context: FleetContext
    ) -> Plan {
        let ownership = Ownership(of: observed, context)
        let sensorFailure = silentSensor(desired, observed, ownership, context)
        let pruneBar: InactionReason? =
            desired.isIncomplete
            ? .incompleteManifests : desired.runs.isEmpty ? .emptyManifests : nil
        var plan = Plan(
            revision: desired.revision, sequence: observed.scope?.applied?.sequence ?? 0,
            actions: [], inactions: [], blocked: [],
            fuse: FuseVerdict(allowed: 0, spent: 0, asked: 0, isApproved: false),
            foreign: ownership.foreign, phases: [])
        let declared = Dictionary(desired.runs.map { ($0.spec.name, $0) }) { first, _ in first }
        let named = checkpointsNamedByOthers(desired)
        let shared = SharedFacts(
            sources: observed.sources, unsentTokens: observed.unsentTokens,
            placements: observed.placements, consoles: observed.consoles,
            profiles: desired.profiles, unknownRegions: observed.unknownRegions,
            refused: RefusedSupply(from: observed.runs, at: observed.at),
            elsewhere: ownership.elsewhere)
        var launches = ownership.launchesUnderWay
        for name in names(desired, observed) {
            var situation = RunSituation(
                name: name, desired: declared[name], revision: desired.revision,
                record: observed.runs[name] ?? ObservedRun(),
                instances: ownership.instances[name] ?? [],
                unknown: unknown(name, observed, context), pruneBar: pruneBar,
                sensorFailure: sensorFailure, namedByOthers: named[name] ?? [],
                shared: shared, context: context, now: observed.at)
            let news = situation.catchUp()
            var decision = situation.decide()
            if let fact = news.first {
                decision.write(situation.ledger, of: name, because: fact)
            }
            if decision.isForgotten { continue }
            if let opening = decision.actions.first(where: \.opensAttempt) {
                if launches >= desired.policy.maxLaunches {
                    decision.actions.removeAll { $0 == opening }
                    decision.inaction = .launchLimit(desired.policy.maxLaunches)
                } else {
                    launches += 1
                }
            }
            plan.actions += decision.actions
            plan.inactions += [decision.inaction, decision.leftover].compactMap { reason in
                reason.map { Inaction(name, because: $0) }
            }
            plan.phases.append(situation.phase(decision))
        }
        applyFuse(to: &plan, desired.policy, observed, ownership)
        return plan
    }

    private static func names(_ desired: DesiredFleet, _ observed: Observation) -> [RunName] {
        Set(desired.runs.map(\.spec.name)).union(observed.runs.keys)
            .union(observed.unknownRuns.keys).sorted()
    }

    /// The checkpoints that other runs' `resume_from` names, by the run they belong to.
    private static func checkpointsNamedByOthers(
        _ desired: DesiredFleet
    ) -> [RunName: Set<CheckpointID>] {
        var named: [RunName: Set<CheckpointID>] = [:]
        for reference in desired.runs.compactMap(\.spec.resumeFrom) {
            guard let run = reference.run else { continue }
            named[run, default: []].insert(reference.checkpoint)
        }
        return named
    }

    private static func unknown(
        _ name: RunName, _ observed: Observation, _ context: FleetContext
    ) -> String? {
        if let why = observed.unknownRuns[name] { return why }
        let ledger = observed.runs[name]?.ledger
        let launches = ledger?.openAttempt?.launches ?? []
        // On the embedded provider everything is in one place; on EC2 a run is in the dark only
        // while a region of its open attempt is.
        let regions =
            (context.cloud == nil ? context.regions : [])
            + launches.compactMap { ledger?.region(of: $0) }
        if launches.contains(where: { ledger?.region(of: $0) == nil }),
            let region = observed.unknownRegions.min(by: { $0.key < $1.key })
        {
            return region.value
        }
        return regions.lazy.compactMap { region in
            observed.unknownRegions[region]
                ?? (observed.regions.contains(region) ? nil : "region \(region) was not read")
        }.first
    }

    /// How many runs are silent at once, when that is more than can be believed:
    /// more than one, and more than 20 % of those that should be heard.
    private static func silentSensor(
        _ desired: DesiredFleet, _ observed: Observation, _ ownership: Ownership,
        _ context: FleetContext
    ) -> Int? {
        var audible = 0
        var silent = 0
        for (name, record) in observed.runs {
            guard let attempt = record.ledger?.openAttempt,
                record.index?.claim?.attempt == attempt.number
            else { continue }
            audible += 1
            let situation = RunSituation(
                name: name, desired: nil, revision: desired.revision, record: record,
                instances: [], unknown: nil, pruneBar: nil, sensorFailure: nil,
                namedByOthers: [], shared: SharedFacts(), context: context, now: observed.at)
            if situation.silence(of: attempt) != nil { silent += 1 }
        }
        return silent > max(1, audible / 5) ? silent : nil
    }

    /// Over the limit the whole fused part of the plan is held, not a part of it.
    private static func applyFuse(
        to plan: inout Plan, _ policy: ScopePolicy, _ observed: Observation,
        _ ownership: Ownership
    ) {
        let now = observed.at
        let recent = observed.scope?.terminations(within: FuseVerdict.window, of: now) ?? []
        let asking = plan.actions.filter { action in
            guard action.isFused, let instance = action.instance else { return false }
            return !recent.contains { $0.instance == instance }
        }
        let approval = observed.scope?.approval(of: plan.id, at: plan.revision, now: now)
        plan.fuse = FuseVerdict(
            allowed: policy.maxTerminations.allowed(of: ownership.live + recent.count),
            spent: recent.count, asked: asking.count, isApproved: approval != nil)
        if plan.fuse.isBlown {
            let id = plan.id
            plan.blocked = asking
            plan.actions.removeAll { asking.contains($0) }
            plan.inactions += asking.map { Inaction($0.run, because: .terminationLimit(plan: id)) }
            plan.inactions.sort { $0.run < $1.run }
        } else if !asking.isEmpty, var scope = observed.scope {
            scope.terminations =
                recent
                + asking.compactMap { action in
                    action.instance.map {
                        ScopeRecord.Termination(run: action.run, instance: $0, at: now)
                    }
                }
            scope.approvals.removeAll { $0 == approval || $0.expires < now }
            plan.scopeUpdate = scope
        }
    }
}

extension PlannedAction {
    /// It asks for a machine that was not asked for before.
    var opensAttempt: Bool {
        if case .openLaunch = reason { return false }
        return verb == .launch || verb == .resume
    }
}
