import Planning
import Training

/// Planning and applying, round by round.
extension ReconcilerStateMachine {
    mutating func plan(at now: Timestamp) -> [ReconcilerEffect] {
        guard let desired, let observation else { return rest(at: now, afterFailure: true) }
        let plan = Planner.plan(desired: desired, observed: observation, context: context)
        result.plan = plan
        result.firstPlan = result.firstPlan ?? plan
        result.isConverged = plan.isConverged && isSeenWhole(observation)
        guard mayApply else { return ask(for: plan) }
        let report = ReconcilerEffect.report(.planned(plan, instances: observation.instances))
        if plan.actions.isEmpty || isStopping || rounds >= ReconcilerStateMachine.roundLimit {
            return [report] + rest(at: now, afterFailure: false)
        }
        if let scope = plan.scopeUpdate {
            state = .writingScope
            return [report, .writeScope(scope, publishing: [])]
        }
        return [report] + apply(plan.actions)
    }

    /// A plan that is only shown: what can be asked without changing anything is asked first.
    private mutating func ask(for plan: Plan) -> [ReconcilerEffect] {
        let questions = plan.actions.compactMap { action -> PlannedAction? in
            var question = action
            question.steps = action.steps.filter(\.isQuestion)
            return question.steps.isEmpty ? nil : question
        }
        guard !questions.isEmpty, rounds < ReconcilerStateMachine.roundLimit, !isStopping else {
            return finish()
        }
        return apply(questions)
    }

    private mutating func apply(_ actions: [PlannedAction]) -> [ReconcilerEffect] {
        state = .applying
        didChange = false
        running = [:]
        queue = []
        for action in actions {
            actionCount += 1
            running[actionCount] = Running(action: action, position: 0)
            queue.append(actionCount)
        }
        return startWaiting()
    }

    private mutating func startWaiting() -> [ReconcilerEffect] {
        var effects: [ReconcilerEffect] = []
        while inFlight < ReconcilerStateMachine.concurrency, !queue.isEmpty {
            let id = queue.removeFirst()
            guard let current = running[id] else { continue }
            inFlight += 1
            if current.action.isReported { effects.append(.report(.acting(current.action))) }
            effects.append(perform(id, current))
        }
        return effects
    }

    private mutating func perform(_ id: Int, _ current: Running) -> ReconcilerEffect {
        let step = current.action.steps[current.position]
        if case .launch(let request, _, _) = step { unsentTokens.remove(request.clientToken) }
        return .perform(
            StepID(action: id, step: current.position), step, run: current.action.run,
            sequence: observation?.scope?.applied?.sequence ?? 0)
    }

    mutating func stepEnded(
        _ id: StepID, _ outcome: StepOutcome, at now: Timestamp
    ) -> [ReconcilerEffect] {
        guard var current = running[id.action], current.position == id.step else { return [] }
        let action = current.action
        switch outcome {
        case .answered(let answer):
            switch action.steps[id.step] {
            case .launch(_, let attempt, let ordinal), .start(_, _, let attempt, let ordinal):
                return [
                    .recordAnswer(
                        id, run: action.run, attempt: attempt, ordinal: ordinal, answer)
                ]
            default: return []
            }
        case .archived(let source):
            sources[source.tree] = source
            return advance(&current, id.action, at: now)
        case .resolved(let query, let answer):
            // By the store's time, as all that is observed: this machine's clock may be off.
            let seen = observation?.at ?? now
            placements = placements.filter {
                seen.since($0.value.at) < ObservedPlacement.lifetime
            }
            placements[query] = ObservedPlacement(answer, at: seen)
            return advance(&current, id.action, at: now)
        case .console(let machine, let text):
            consoles[machine] = text
            return advance(&current, id.action, at: now)
        case .done:
            noteFrozen(by: action.steps[id.step])
            return advance(&current, id.action, at: now)
        case .stale(let why):
            didChange = true
            return end(id.action, [.report(.actionStale(action, why))], at: now)
        case .failed(let why):
            result.problems.append("\(action.run): \(why)")
            return end(id.action, [.report(.actionFailed(action, why))], at: now)
        }
    }

    /// A launch that this process has just frozen was surely never sent.
    private mutating func noteFrozen(by step: Step) {
        guard case .updateLedger(let ledger) = step,
            let launch = ledger.openAttempt?.launches.last, launch.instance == nil,
            !launch.wasUnanswered, launch.refusal == nil, let request = launch.request
        else { return }
        let seen = observation?.runs[ledger.run]?.ledger?.openAttempt?.launches.last?.request
        if seen?.clientToken != request.clientToken { unsentTokens.insert(request.clientToken) }
    }

    private mutating func advance(
        _ current: inout Running, _ id: Int, at now: Timestamp
    ) -> [ReconcilerEffect] {
        didChange = true
        current.position += 1
        guard current.position < current.action.steps.count else {
            let action = current.action
            guard action.isReported else { return end(id, [], at: now) }
            result.applied.append(action)
            return end(id, [.report(.acted(action))], at: now)
        }
        running[id] = current
        return [perform(id, current)]
    }

    private mutating func end(
        _ id: Int, _ effects: [ReconcilerEffect], at now: Timestamp
    ) -> [ReconcilerEffect] {
        running[id] = nil
        inFlight -= 1
        let more = effects + startWaiting()
        guard inFlight == 0 else { return more }
        if isStopping { return more + finish() }
        return more + (didChange ? nextRound(at: now) : rest(at: now, afterFailure: true))
    }

    mutating func nextRound(at now: Timestamp) -> [ReconcilerEffect] {
        rounds += 1
        guard rounds <= ReconcilerStateMachine.roundLimit else {
            return rest(at: now, afterFailure: false)
        }
        return observe()
    }

    // MARK: Between passes

    /// Ends a pass: finishes, or waits for the next look.
    mutating func rest(at now: Timestamp, afterFailure: Bool) -> [ReconcilerEffect] {
        failures = afterFailure ? failures + 1 : 0
        if isStopping { return finish() }
        let wait: Seconds
        switch goal.mode {
        case .plan:
            return finish()
        case .once(let limit), .teardown(let limit):
            let spent = now.since(startedAt ?? now)
            guard !result.isConverged, spent < limit else { return finish() }
            wait = ReconcilerStateMachine.quickPoll
        case .continuous(let interval):
            wait = pause(interval)
        }
        state = .idle
        return [.wake(at: now + wait)]
    }

    /// Quick while something is under way, doubling after failures, else until the plan's next
    /// moment or the interval is over; with up to a tenth of jitter, so that many reconcilers do
    /// not march in step.
    private mutating func pause(_ interval: Seconds) -> Seconds {
        let base: Seconds
        if failures > 0 {
            base = min(
                Seconds(1 << min(failures, 9)), ReconcilerStateMachine.longestBackoff)
        } else if result.plan?.isUnderWay == true {
            base = min(interval, ReconcilerStateMachine.quickPoll)
        } else if let moment = result.plan?.nextMoment, let seen = observation?.at {
            base = min(interval, max(ReconcilerStateMachine.quickPoll, moment.since(seen)))
        } else {
            base = interval
        }
        return base + Seconds(Int(jitter.next() % UInt64(base.count / 10 + 1)))
    }
}

extension PlannedAction {
    /// Bookkeeping and preparation are not news to a person.
    fileprivate var isReported: Bool { verb != .record && !isPreparation }
}
