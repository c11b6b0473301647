import Training

/// Decisions about a run without an open attempt: what is left of it, and whether it goes on.
extension RunSituation {
    func decideClosed() -> Decision {
        var decision = next()
        let leftovers = decideLeftovers(goingOn: decision.actions.contains { $0.verb == .start })
        decision.actions += leftovers.actions
        decision.leftover = leftovers.inaction
        if decision.isForgotten && (!leftovers.actions.isEmpty || decision.leftover != nil) {
            decision.isForgotten = false
        }
        return decision
    }

    // MARK: Whether it goes on

    private func next() -> Decision {
        guard let spec else { return Decision(isForgotten: true) }
        switch spec.state {
        case .stopped: return .leave(.declaredStopped)
        case .terminated: return .leave(.declaredTerminated)
        case .running: break
        }
        guard let last = ledger.attempts.last, let closure = last.closure else {
            return open(because: .firstAttempt)
        }
        guard last.generation >= spec.generation else {
            return open(because: .newGeneration(spec.generation))
        }
        if closure.outcome == .completed { return .leave(.completed) }
        if let limit = spec.maxDuration, ledger.trained >= limit {
            return .leave(.held(.timeLimit(limit)))
        }
        if let request = ledger.operatorResume, request.afterAttempt >= last.number {
            return open(because: .operatorResume(from: request.from))
        }
        let isSame = isSameWork(last)
        if isSame, let hold = hold(after: last, closure, spec) { return .leave(hold) }
        if isSame, let until = backoff(spec), now < until { return .leave(.backoff(until: until)) }
        return open(because: .continues(after: closure.outcome, from: nextCheckpoint?.id))
    }

    /// A changed spec or changed code is a person's answer to a failure.
    func isSameWork(_ attempt: Attempt) -> Bool {
        desired?.digest.differs(from: attempt.digest) != true
            && attempt.source?.tree == desired?.sourceTree
    }

    private func hold(
        after last: Attempt, _ closure: Closure, _ spec: RunSpec
    ) -> InactionReason? {
        switch closure.outcome {
        case .interrupted, .lost:
            switch spec.interruption {
            case .resume: return nil
            case .hold: return .held(.interrupted)
            case .fail: return .failed
            }
        case .held:
            return .held(.noValidCheckpoint(closure.detail))
        case .neverStarted:
            let refusal = last.launches.last?.refusal
            return refusal?.kind == .rejected
                ? .held(.launchRejected(refusal?.detail ?? closure.detail)) : nil
        case .failed:
            let failures = failuresWithoutProgress(spec)
            guard failures.count > spec.retries.limit else { return nil }
            return .held(
                .retriesExhausted(failures: failures.count, last: closure.detail))
        case .completed, .drained, .expired:
            return nil
        }
    }

    /// Newest first: failures that no progress, no person and no change has answered since.
    ///
    /// Interruptions and missing capacity stand between them without counting.
    private func failuresWithoutProgress(_ spec: RunSpec) -> [Closure] {
        var failures: [Closure] = []
        for attempt in ledger.attempts.reversed() {
            guard let closure = attempt.closure, attempt.generation == spec.generation,
                attempt.number > ledger.operatorResume?.afterAttempt ?? 0,
                isSameWork(attempt), !closure.progressed
            else { break }
            if closure.outcome == .failed { failures.append(closure) }
        }
        return failures
    }

    /// Doubles with each failure; machines that never started or were lost without progress back
    /// off too, so that a broken image cannot spin.
    private func backoff(_ spec: RunSpec) -> Timestamp? {
        let fruitless = ledger.attempts.reversed().prefix { attempt in
            guard let closure = attempt.closure, !closure.progressed else { return false }
            // Missing capacity has rests of its own, see `RefusedSupply`.
            if context.cloud != nil,
                attempt.launches.last?.refusal?.kind.leavesOtherOfferings == true
            {
                return false
            }
            return [.failed, .lost, .neverStarted].contains(closure.outcome)
                && attempt.number > ledger.operatorResume?.afterAttempt ?? 0
        }
        guard let last = fruitless.first?.closure else { return nil }
        // One machine lost is an interruption like any other.
        let count = last.outcome == .failed ? fruitless.count : fruitless.count - 1
        guard count > 0 else { return nil }
        let factor = 1 << min(count - 1, 12)
        return last.at + min(Seconds(spec.retries.backoff.count * factor), .hours(1))
    }

    // MARK: What is left of it

    /// Machines of closed attempts that are still there.
    private func decideLeftovers(goingOn: Bool) -> Decision {
        var decision = Decision()
        for machine in instances where machine.state != .terminated && !goingOn {
            if machine.state.isEnding {
                decision.inaction = .ending
                continue
            }
            let attempt = newestAttempt(on: machine)
            switch fate(of: machine, attempt) {
            case .leave(let reason): decision.inaction = reason
            case .keep: break
            case .terminate(let reason):
                decision.actions.append(end(machine, attempt, because: reason))
            case .stop(let reason):
                decision.actions.append(halt(machine, attempt, because: reason))
            }
        }
        return decision
    }

    /// Until when the machine of a failed attempt stays for a look inside; nil: it does not.
    func keptUntil(_ closure: Closure) -> Timestamp? {
        guard closure.outcome == .failed, case .keep(let span) = spec?.onFailure else { return nil }
        return closure.at + span
    }

    private enum Fate {
        case keep
        case leave(InactionReason)
        case stop(ActionReason)
        case terminate(ActionReason)
    }

    private func fate(of machine: Instance, _ attempt: Attempt?) -> Fate {
        let outcome = attempt?.closure?.outcome ?? .lost
        let wanted = wantedEnd
        if wanted?.reason == .removed, let bar = shared.pruneBar { return .leave(bar) }
        if let bar = bar(on: machine) { return .leave(bar) }
        let isStopped = machine.state == .stopped
        if let wanted {
            switch wanted.policy {
            case .orphan: return .leave(.orphaned)
            case .terminate: return .terminate(wanted.reason)
            case .stop: return isStopped ? .keep : .stop(wanted.reason)
            }
        }
        let policy = outcome == .completed ? spec?.onCompletion ?? .terminate : .terminate
        if policy == .keep || (isStopped && policy == .stop) { return .keep }
        // A stopped machine waits to be started by the next attempt while the run may go on.
        if isStopped, outcome != .completed, let spec, serves(machine, spec) { return .keep }
        if let closure = attempt?.closure {
            // One that is stopped has ended already: there is nothing to wait for.
            if !isStopped, now.since(closure.at) < RunSituation.endingGrace {
                return .leave(.ending)
            }
            if let until = keptUntil(closure), now < until {
                return .leave(.kept(machine.id, until: until))
            }
        }
        return policy == .stop ? .stop(.endedRun(outcome)) : .terminate(.endedRun(outcome))
    }
}
