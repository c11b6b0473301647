import Planning
import Reconciliation
import Training

/// The second part of a trial: nothing goes wrong any more, and the fleet must converge.
extension Trial {
    /// How long it may take (design, section 2, promise 7), but for limits that were declared.
    static let patience: Seconds = .minutes(30)
    /// However many there are.
    static let mostPatience: Seconds = .hours(8)
    static let fewestPasses = 10
    static let look: Seconds = .minutes(5)

    /// Ends every fault; what people did stays done.
    mutating func clearUp() {
        hasCleared = true
        world.with { state in
            troubles.ceaseAll(in: &state)
            state.network = Network()
            for region in state.cloud.regions.keys { state.cloud[ec2: region].clearUp() }
            state.repository.failure = nil
            state.repository.lagging = [:]
            branch.mend(&state.repository)
            state.record?.countPassesAnew()
            state.record?.timeline?.add(at: state.now, "trial", "all faults have ceased")
            state.changed()
            state.note(.disturbed, by: nil)
            guard let fleet = state.repository.current?.fleet else { return }
            state.note(.declared(fleet), by: nil)
        }
        agenda = Agenda()
        for number in scenario.reconcilers.indices {
            agenda.enter(.start(reconciler: number + 1), at: world.with(\.now))
        }
    }

    /// Waits until every run was once as declared, or the time for it is over.
    mutating func converge() {
        let start = world.with(\.now)
        var deadline = start + Trial.patience
        var settled: Set<RunName> = []
        while !isOver {
            let next = world.with(\.now) + Trial.look
            runActs(until: next)
            approveBlockedPlans()
            let late = unconverged()
            let runs = Set(late.compactMap(\.run))
            settled.formUnion(branch.names.subtracting(runs))
            let open = late.filter { $0.run.map { !settled.contains($0) } ?? true }
            let passes = world.with { $0.record?.passes ?? 0 }
            if open.isEmpty, passes >= Trial.fewestPasses {
                verdict.convergedAfter = next.since(start)
                return
            }
            deadline = max(deadline, limit(of: runs, after: start))
            if next >= deadline, passes >= Trial.fewestPasses || next >= start + Trial.mostPatience
            {
                verdict.broken += open
                return
            }
        }
    }

    private func unconverged() -> [BrokenPromise] {
        world.with { $0.witness?.unconverged(in: $0.cloud, at: $0.now) ?? [] }
    }

    /// Until when what was declared may hold some runs up.
    private func limit(of runs: Set<RunName>, after start: Timestamp) -> Timestamp {
        let plans = world.with { $0.record?.plans.values.flatMap(\.inactions) ?? [] }
        let limits = plans.filter { runs.contains($0.run) }.compactMap(\.reason.until)
        let retries = scenario.workload.filter { runs.contains($0.spec.name) }.map {
            start + $0.retries
        }
        let last = (limits + retries).max().map { $0 + Trial.patience } ?? start
        return min(last, start + Trial.mostPatience)
    }

    // MARK: The end

    mutating func judged() -> Verdict {
        world.with { state in
            state.record?.end(at: state.now)
            verdict.trace = state.trace.value
            verdict.events = state.events
            verdict.coalescedPolls = state.coalescedPolls
            verdict.span = state.now.milliseconds - Scenario.start.milliseconds
            verdict.crashes = state.deaths
            verdict.errors = state.failures
            verdict.broken = (state.witness?.broken ?? []) + verdict.broken
            guard let record = state.record else { return }
            verdict.plans = record.planned
            verdict.actions = record.actions
            verdict.inactions = record.inactions
            verdict.machineTime = record.machineTime
        }
        world.end()
        return verdict
    }

    // MARK: A person at the control plane

    /// Lets every run go on that is held, as `reconcile resume` does.
    func resumeHeldRuns() {
        let plans = world.with { $0.record?.plans ?? [:] }
        let held = plans.values.flatMap(\.inactions).filter { inaction in
            if case .held = inaction.reason { true } else { false }
        }
        for run in Set(held.map(\.run)).sorted() { world.resume(run) }
    }

    /// Approves every plan that the fuse holds back, as `reconcile approve` does.
    func approveBlockedPlans() {
        let plans = world.with { $0.record?.plans ?? [:] }
        let blocked = plans.sorted { $0.key < $1.key }.map(\.value).filter { !$0.blocked.isEmpty }
        for plan in Set(blocked.map(\.id)).sorted().compactMap({ id in
            blocked.first { $0.id == id }
        }) {
            world.approve(plan)
        }
    }
}

extension PlannedRun {
    /// How long it may go on trying a setup that always fails: it never trains, and is held at the
    /// end.
    fileprivate var retries: Seconds {
        guard spec.setup != nil, trainer.setupCode != 0 else { return 0 }
        let turn = trainer.setup / 1000 + Seconds.minutes(5).count
        return Seconds(
            (0...spec.retries.limit).reduce(0) { sum, turns in
                let pause = min(spec.retries.backoff.count << min(turns, 12), 3600)
                return sum + turn + pause
            })
    }
}
