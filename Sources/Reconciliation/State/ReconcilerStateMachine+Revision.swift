import Planning
import Training

/// Which revision holds: the fetched one when it may be applied, else the one applied last.
extension ReconcilerStateMachine {
    mutating func judge(_ fetched: FetchedFleet, at now: Timestamp) -> [ReconcilerEffect] {
        let scope = observation?.scope
        if let owner = scope?.owner, owner != fetched.owner {
            result.problems.append(
                "scope \(context.scope) of this store belongs to \(owner); "
                    + "give this repository a scope or a state of its own")
            return rest(at: now, afterFailure: true)
        }
        guard fetched.fleet.policy.scope == context.scope else {
            result.problems.append(
                "the manifests declare the scope \(fetched.fleet.policy.scope), but this state "
                    + "holds the scope \(context.scope), whose machines would be abandoned: change "
                    + "the scope back, or give the new one a state of its own")
            return rest(at: now, afterFailure: true)
        }
        if context.cloud != nil, let state = fetched.fleet.policy.state,
            state.description != context.storeURL
        {
            result.problems.append(
                "the policy names state \(state), but \(context.storeURL) is driven here: end "
                    + "every machine of the scope first, then start with the new state")
            return rest(at: now, afterFailure: true)
        }
        let verdict = RevisionRule.verdict(
            fetched: fetched.fleet.revision, applied: scope?.applied,
            ancestry: fetched.ancestry, allowRollback: goal.allowRollback)
        result.held = nil
        desired = fetched.fleet
        if let saved = goal.onlyPlan, !matches(saved) {
            result.problems.append("the saved plan is stale: plan again")
            return finish()
        }
        mayApply = goal.mode != .plan
        switch verdict {
        case .current: return plan(at: now)
        case .advances where goal.mode == .plan: return plan(at: now)
        case .advances: return advance(to: fetched, at: now)
        case .held(let why):
            result.held = why
            let report = ReconcilerEffect.report(.revisionHeld(why))
            return [report] + (goal.mode == .plan ? plan(at: now) : heal(at: now))
        }
    }

    /// Whether planning now gives the plan that a person saved.
    private func matches(_ saved: ReconcilerGoal.SavedPlan) -> Bool {
        guard rounds == 0 else { return true }
        guard let desired, let observation else { return false }
        let plan = Planner.plan(desired: desired, observed: observation, context: context)
        return saved.id == plan.id && saved.revision == plan.revision
            && saved.sequence == plan.sequence
    }

    /// Sets the scope to the newer revision before that revision's first effect.
    private mutating func advance(
        to fetched: FetchedFleet, at now: Timestamp
    ) -> [ReconcilerEffect] {
        var scope =
            observation?.scope
            ?? ScopeRecord(scope: context.scope, owner: fetched.owner, writer: "")
        let fleet = fetched.fleet
        var applied = fleet.runs.map { desired in
            ScopeRecord.AppliedRun(
                run: desired.spec.name, spec: desired.reference,
                sourceTree: desired.sourceTree)
        }
        let known = Set(scope.specs.map(\.spec))
        if fleet.isIncomplete {
            // What cannot be decoded stays as it was applied.
            let decoded = Set(applied.map(\.run))
            applied += scope.specs.filter { !decoded.contains($0.run) }
        }
        scope.specs = applied.sorted { $0.run < $1.run }
        scope.applied = ScopeRecord.Applied(
            revision: fleet.revision, sequence: (scope.applied?.sequence ?? 0) + 1)
        // Every region that a launch may go to is on record before the first launch.
        let regions = Set(scope.regions).union(context.regions).union(fleet.regions)
            .union([context.cloud?.defaultRegion].compactMap { $0 })
        scope.regions = regions.sorted()
        // A profile that cannot be decoded stays as it was applied, too.
        let kept = (scope.profiles ?? []).filter {
            fleet.isIncomplete && fleet.profiles[$0.name] == nil
        }
        scope.profiles = (kept + fleet.profiles.values).sorted { $0.name < $1.name }
        if scope.profiles?.isEmpty == true { scope.profiles = nil }
        state = .writingScope
        let fresh = fleet.runs.filter { !known.contains($0.reference) }.map(\.spec)
        return [.writeScope(scope, publishing: fresh)]
    }

    mutating func scopeWritten(
        _ outcome: WriteOutcome, at now: Timestamp
    ) -> [ReconcilerEffect] {
        switch outcome {
        case .written:
            let report = desired.map { ReconcilerEffect.report(.revisionApplied($0.revision)) }
            return [report].compactMap { $0 } + nextRound(at: now)
        case .conflict:
            needsFetch = true
            return nextRound(at: now)
        case .failed(let why):
            result.problems.append(why)
            return rest(at: now, afterFailure: true)
        }
    }

    /// Keeps the applied fleet going while no newer revision can be had.
    ///
    /// Nothing is pruned.
    mutating func heal(at now: Timestamp) -> [ReconcilerEffect] {
        guard let scope = observation?.scope, scope.applied != nil else {
            return rest(at: now, afterFailure: true)
        }
        state = .loadingSpecs
        return [.loadSpecs(scope.specs)]
    }

    mutating func specsLoaded(
        _ outcome: Result<[DesiredRun], StoreFailure>, at now: Timestamp
    ) -> [ReconcilerEffect] {
        switch outcome {
        case .failure(let failure):
            result.problems.append(failure.description)
            return [.report(.storeFailed(failure))] + rest(at: now, afterFailure: true)
        case .success(let runs):
            guard let revision = observation?.scope?.applied?.revision else {
                return rest(at: now, afterFailure: true)
            }
            if case .teardown = goal.mode {
                desired = .teardown(of: runs, at: revision, scope: context.scope)
            } else {
                let profiles = observation?.scope?.profiles ?? []
                desired = DesiredFleet(
                    revision: revision, policy: ScopePolicy(scope: context.scope), runs: runs,
                    profiles: Dictionary(profiles.map { ($0.name, $0) }) { first, _ in first },
                    isIncomplete: true)
            }
            mayApply = goal.mode != .plan
            return plan(at: now)
        }
    }
}
