import Planning
import Reconciliation
import Training

/// Carries out a scenario in a world of its own, and judges what came of it.
///
/// First everything may go wrong; then faults cease, and the fleet must converge. One scenario
/// gives one history: no clock, no chance but the seed's.
package struct Trial {
    /// What is due in a trial, besides what happens in its world.
    enum Act: Sendable {
        case declare
        case edit(Int)
        case endEdit(Int)
        case strike(Int)
        case keepUp(Int)
        case cease(Int)
        /// A person's tags show on a run's machine.
        case showTags(RunName)
        case start(reconciler: Int)
        case lookForBlockedPlans
    }

    /// How often a trial under a mutation looks whether that was found.
    private static let check: Seconds = .minutes(10)
    /// How often a person looks for a plan that the fuse holds back.
    private static let visits: Seconds = .hours(3)

    package let scenario: Scenario
    let world: World
    var agenda = Agenda<Act>()
    var branch: FleetBranch
    var troubles: Troubles
    var verdict = Verdict()
    private var generator: SplitMix64
    /// How long a reconciler that crashes stays away.
    private var pauses: [Int: Seconds] = [:]
    /// Reconcilers that are to live now.
    var wanted: Set<Int> = []
    /// Faults have ceased.
    var hasCleared = false

    /// Under a mutation the trial ends when the promise is broken that it is to break.
    package init(
        _ scenario: Scenario, keepsTimeline: Bool = false, under mutation: Mutation? = nil
    ) {
        var scenario = scenario
        scenario.faults = scenario.faults.map { $0.ended(by: scenario.span) }
        self.scenario = scenario
        var generator = SplitMix64(seed: scenario.seed)
        branch = FleetBranch(policy: scenario.policy, profiles: scenario.profiles)
        troubles = Troubles(usualBoot: scenario.rules.boot)
        world = World(of: scenario, using: &generator)
        self.generator = generator
        let witness = Witness(
            scope: scenario.policy.scope, store: world.bucket, coding: world.coding)
        world.with { state in
            state.record = TrialRecord(keepsTimeline: keepsTimeline)
            state.witness = witness
            state.mutation = mutation
        }
    }

    /// Lets the scenario's span pass, and judges what was seen until then: nothing is cleared up,
    /// and nobody waits for convergence, since a market never ends.
    ///
    /// Tells what became of each run besides.
    mutating func runOpen(
        needed: [RunName: Int]
    ) -> (verdict: Verdict, story: FleetStory) {
        world.with { $0.record?.story = FleetStory(needed: needed) }
        fillAgenda()
        runActs(until: Scenario.start + scenario.span)
        let story = world.with { state in
            var story = state.record?.story ?? FleetStory(needed: needed)
            story.end(in: state.cloud, at: state.now) { state.step(on: $0) }
            return story
        }
        return (judged(), story)
    }

    /// Where each run stands by the newest plan.
    var phases: [RunPhase] {
        world.with { $0.record?.plans.sorted { $0.key < $1.key }.last?.value.phases ?? [] }
    }

    /// What happened, where a timeline is kept.
    package var timeline: Timeline? { world.with { $0.record?.timeline } }

    /// Runs the whole trial.
    package mutating func run() -> Verdict {
        fillAgenda()
        runActs(until: Scenario.start + scenario.span)
        clearUp()
        converge()
        return judged()
    }

    // MARK: What is due

    private mutating func fillAgenda() {
        for moment in Set(scenario.workload.map(\.at)) { enter(.declare, moment) }
        for (number, edit) in scenario.edits.enumerated() {
            enter(.edit(number), edit.at)
            if let span = edit.change.span { enter(.endEdit(number), edit.at + span) }
        }
        for (number, plan) in scenario.reconcilers.enumerated() {
            enter(.start(reconciler: number + 1), plan.at)
        }
        for (number, fault) in scenario.faults.enumerated() {
            enter(.strike(number), fault.at)
            if fault.span > 0 { enter(.cease(number), fault.at + fault.span) }
        }
        enter(.lookForBlockedPlans, Trial.visits)
    }

    private mutating func enter(_ act: Act, _ moment: Seconds) {
        agenda.enter(act, at: Scenario.start + moment)
    }

    mutating func runActs(until end: Timestamp) {
        while !isOver {
            let now = world.with(\.now)
            let target = min(agenda.next ?? end, end)
            if now < target {
                advance(to: target)
            } else if let (_, act) = agenda.take(dueAt: now) {
                carryOut(act, at: now)
            } else {
                return
            }
        }
    }

    /// The mutation was found.
    var isOver: Bool {
        world.with { state in
            guard let promise = state.mutation?.promise else { return false }
            return state.witness?.broken.contains { $0.promise == promise } ?? false
        }
    }

    private mutating func carryOut(_ act: Act, at now: Timestamp) {
        switch act {
        case .declare: declare(at: now)
        case .edit(let number):
            let edit = scenario.edits[number]
            verdict.edits.add(edit.change.name)
            change("edits: \(edit.change)", about: edit.change.run) {
                $0.apply(edit.change, to: &$1)
            }
            if edit.change == .resume { resumeHeldRuns() }
        case .endEdit(let number):
            let edit = scenario.edits[number]
            change("ends: \(edit.change)", about: nil) { $0.end(edit.change, in: &$1) }
        case .strike(let number): strike(number)
        case .keepUp(let number):
            guard troubles.isKeptUp(number) else { return }
            world.with { troubles.keepUp(number, in: &$0) }
            agenda.enter(.keepUp(number), at: now + Troubles.tick)
        case .cease(let number): cease(number)
        case .showTags(let run):
            world.with { state in
                state.changed()
                if let machine = state.machine(of: run)?.id { state.tagsChanged(of: machine) }
            }
        case .start(let number): start(reconciler: number, at: now)
        case .lookForBlockedPlans:
            approveBlockedPlans()
            agenda.enter(.lookForBlockedPlans, at: now + Trial.visits)
        }
    }

    // MARK: The repository

    private mutating func declare(at now: Timestamp) {
        let due = scenario.workload.filter { Scenario.start + $0.at == now }
        change("declares \(due.map(\.spec.name.text))", about: nil) { $0.declare(due, in: &$1) }
    }

    private mutating func change(
        _ what: @autoclosure () -> String, about run: RunName?,
        _ body: (inout FleetBranch, inout SimulatedRepository) -> Void
    ) {
        world.with { state in
            body(&branch, &state.repository)
            state.changed()
            state.record?.timeline?.add(at: state.now, "people", run: run, what())
            guard let fleet = state.repository.current?.fleet else { return }
            state.note(.declared(fleet), by: nil)
        }
    }

    // MARK: Faults

    private mutating func strike(_ number: Int) {
        let fault = scenario.faults[number]
        let hasStruck = world.with { state in
            let hasStruck = troubles.strike(number, fault, in: &state)
            if hasStruck {
                state.record?.timeline?.add(
                    at: state.now, "fault", run: fault.kind.run, "\(fault.kind)")
                state.note(.disturbed, by: nil)
            }
            return hasStruck
        }
        guard hasStruck else { return }
        verdict.faults.add(fault.kind.name)
        if case .crash(.reconciler(let number), _, _, _) = fault.kind {
            pauses[number] = fault.span
        }
        let now = world.with(\.now)
        if troubles.isKeptUp(number) { agenda.enter(.keepUp(number), at: now + Troubles.tick) }
        if case .console(let run, _) = fault.kind {
            let delay = scenario.rules.tagging.upperBound + 1
            agenda.enter(
                .showTags(run), at: Timestamp(milliseconds: now.milliseconds + delay))
        }
    }

    private mutating func cease(_ number: Int) {
        let fault = scenario.faults[number]
        world.with { state in
            troubles.cease(number, in: &state)
            state.record?.timeline?.add(
                at: state.now, "fault", run: fault.kind.run, "over: \(fault.kind.name)")
            state.note(.disturbed, by: nil)
        }
    }

    // MARK: Reconcilers

    private mutating func start(reconciler number: Int, at now: Timestamp) {
        wanted.insert(number)
        let mode = scenario.reconcilers[number - 1].mode
        if case .once(let every, _) = mode {
            // Who waits for convergence starts the job by hand.
            let pause = hasCleared ? min(every, Trial.look) : every
            agenda.enter(.start(reconciler: number), at: now + pause)
        }
        guard !isAlive(number) else { return }
        begin(reconciler: number, mode)
    }

    private mutating func begin(reconciler number: Int, _ mode: ReconcilerPlan.Mode) {
        let goal =
            switch mode {
            case .continuous(let interval): ReconcilerGoal(mode: .continuous(interval: interval))
            case .once(_, let wait): ReconcilerGoal(mode: .once(wait: wait))
            }
        world.with { state in
            state.record?.started(reconciler: number)
            state.record?.timeline?.add(at: state.now, "people", "start reconciler \(number)")
        }
        world.start(
            reconciler: number,
            ControlNode.Start(
                goal: goal, context: scenario.context(world.bucket), seed: generator.next()))
    }

    private func isAlive(_ number: Int) -> Bool {
        world.with { state in
            state.process(ofReconciler: number) != nil
                && state.record?.finished.contains(number) == false
        }
    }

    /// Lets the world go on, at most to `end`, and sees to the continuous reconcilers that died
    /// meanwhile.
    private mutating func advance(to end: Timestamp) {
        let check = world.with { state in state.mutation.map { _ in state.now + Trial.check } }
        world.run(until: min(end, check ?? end))
        let now = world.with(\.now)
        for number in wanted.sorted() where !isAlive(number) {
            guard case .continuous = scenario.reconcilers[number - 1].mode else { continue }
            wanted.remove(number)
            agenda.enter(.start(reconciler: number), at: now + (pauses[number] ?? 60))
        }
    }
}
