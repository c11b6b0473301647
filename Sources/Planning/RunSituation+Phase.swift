import Training

extension RunSituation {
    /// Where the run stands, with the reason of what is done or left alone.
    func phase(_ decision: Decision) -> RunPhase {
        let attempt = ledger.attempts.last
        let report = attempt.flatMap { self.report(of: $0) }
        let heartbeat = attempt.flatMap { record.heartbeats[$0.number]?.body }
        let machine = attempt?.launches.last.flatMap { self.machine(of: $0) }
        let reason =
            decision.inaction?.description ?? decision.actions.first?.reason.description
            ?? decision.leftover?.description ?? ""
        return RunPhase(
            run: name, phase: phase(decision, attempt, report), attempt: attempt?.number,
            instance: machine?.id ?? attempt?.launches.last?.instance,
            step: heartbeat?.step ?? report?.step ?? record.index?.checkpoints.last?.step,
            checkpoint: record.index?.tip?.id,
            hourly: machine.flatMap {
                $0.state.hasEnded ? nil : attempt?.launches.last?.hourly
            }, reason: reason)
    }

    private func phase(
        _ decision: Decision, _ attempt: Attempt?, _ report: AttemptReport?
    ) -> RunPhase.Phase {
        switch decision.inaction {
        case .unknown: return .unknown
        case .suspended: return .suspended
        case .held(let hold): return .held(hold)
        case .failed: return .failed
        default: break
        }
        guard let attempt else {
            return spec?.state == .running ? .pending : ended(by: spec?.state)
        }
        let lastWord = report?.released == true ? report?.outcome : nil
        guard let outcome = attempt.closure?.outcome ?? lastWord else {
            return openPhase(attempt, report)
        }
        switch outcome {
        case .completed: return .completed
        case .failed: return .failed
        case .interrupted, .lost: return .interrupted
        case .drained, .expired: return ended(by: spec?.state ?? .terminated)
        case .neverStarted, .held: return .pending
        }
    }

    private func openPhase(_ attempt: Attempt, _ report: AttemptReport?) -> RunPhase.Phase {
        if let intent = attempt.intent, intent.verb.drains { return .draining(intent.reason) }
        guard claimedAttempt == attempt.number else {
            return attempt.launches.last?.instance == nil ? .launching : .starting
        }
        switch report?.phase {
        case .training: return .training
        case .draining: return .draining(report?.detail ?? "notice")
        case .ended, .preparing, .setup, .restoring, nil: return .starting
        }
    }

    private func ended(by state: DesiredState?) -> RunPhase.Phase {
        switch state {
        case .running: .pending
        case .stopped: .stopped
        case .terminated, nil: .terminated
        }
    }
}
