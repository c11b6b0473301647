import Training

/// Bookkeeping: what happened to the open attempt, written into the ledger before anything else.
///
/// Evidence closes an attempt; time alone never does.
extension RunSituation {
    /// The ledger brought up to date by one fact, and that fact; nil when it already is.
    func bookkeeping() -> (Ledger, ActionReason)? {
        guard let attempt = ledger.openAttempt, let launch = attempt.launches.last else {
            return nil
        }
        if let closure = closure(of: attempt, launch) {
            return (
                ledger(closing: attempt, with: closure),
                .attemptEnded(closure.evidence, closure.outcome)
            )
        }
        var updated = launch
        var reason = ActionReason.launchAnswered
        if let machine = machine(of: launch) {
            updated.instance = machine.id
            updated.missingSince = nil
        } else if launch.instance != nil, launch.missingSince == nil,
            now.since(launch.createdAt) > RunSituation.visibilityDelay
        {
            updated.missingSince = now
            reason = .machineMissing
        }
        if let refusal = launch.refusal, isDefinite(refusal, of: launch) {
            updated.close()
        }
        guard updated != launch else { return nil }
        return (
            ledgerChanging(attempt) { $0.launches[$0.launches.count - 1] = updated }, reason
        )
    }

    /// A refusal counts at once when every send was answered.
    ///
    /// Otherwise an earlier send may still have made a machine: five minutes without one in the
    /// list must pass.
    private func isDefinite(_ refusal: Launch.Refusal, of launch: Launch) -> Bool {
        if launch.isClosed { return false }
        if refusal.kind == .ended || !launch.wasUnanswered { return true }
        return machine(of: launch) == nil
            && now.since(refusal.at) > RunSituation.visibilityDelay
    }

    private func closure(of attempt: Attempt, _ launch: Launch) -> Closure? {
        let report = report(of: attempt)
        if let report, report.released {
            return close(.released, report.outcome ?? .lost, report.detail ?? "released")
        }
        if launch.isClosed {
            if hopsOn(attempt, launch) { return nil }
            let refusal = launch.refusal
            let evidence: Closure.Evidence =
                refusal?.kind == .ended ? .terminated : .neverLaunched
            return close(evidence, .neverStarted, refusal?.detail ?? "the launch was withdrawn")
        }
        if let machine = machine(of: launch) {
            guard machine.state.hasEnded, !isWaitingToStart(machine, attempt, launch) else {
                return nil
            }
            let evidence: Closure.Evidence =
                machine.state == .stopped ? .stopped : .terminated
            return close(evidence, outcome(of: machine, attempt), machine.stateReason)
        }
        if let missing = launch.missingSince, now.since(missing) > RunSituation.visibilityDelay {
            return close(.notFound, .lost, "the provider no longer knows the machine")
        }
        return nil

        func close(
            _ evidence: Closure.Evidence, _ outcome: Outcome, _ detail: String
        ) -> Closure {
            let progressed = record.index?.checkpoints.contains {
                $0.id.attempt == attempt.number
            }
            return Closure(
                evidence: evidence, outcome: outcome, at: now, progressed: progressed ?? false,
                detail: detail)
        }
    }

    /// The attempt goes on with another offering while its manifest still wants it as it is.
    private func hopsOn(_ attempt: Attempt, _ launch: Launch) -> Bool {
        guard context.cloud != nil, let kind = launch.refusal?.kind, kind.leavesOtherOfferings,
            wantedEnd == nil, attempt.launches.count < RunSituation.launchLimit,
            desired != nil
        else { return false }
        return isSameWork(attempt)
    }

    /// A stopped machine that this attempt is about to start has not ended in it.
    private func isWaitingToStart(
        _ machine: Instance, _ attempt: Attempt, _ launch: Launch
    ) -> Bool {
        launch.request == nil && machine.state == .stopped
            && claimedAttempt != attempt.number && report(of: attempt) == nil
    }

    /// The end of a machine without its agent's last word, told by the provider's reason.
    private func outcome(of machine: Instance, _ attempt: Attempt) -> Outcome {
        if claimedAttempt != attempt.number && report(of: attempt) == nil { return .neverStarted }
        return machine.stateReason.hasPrefix("Server.Spot") ? .interrupted : .lost
    }

    private func ledger(closing attempt: Attempt, with closure: Closure) -> Ledger {
        let trained = report(of: attempt)?.trained ?? 0
        let tookReference =
            attempt.start.kind == .named
            && (record.index?.head?.attempt ?? 0) >= attempt.number
        return ledgerChanging(attempt) {
            $0.closure = closure
        } _: { ledger in
            ledger.trained = ledger.trained + trained
            if tookReference, let reference = attempt.start.checkpoint {
                ledger.consumedResumeFrom = Ledger.ConsumedReference(
                    generation: attempt.generation, reference: reference)
            }
        }
    }

    func ledgerChanging(
        _ attempt: Attempt, _ change: (inout Attempt) -> Void,
        _ changeLedger: (inout Ledger) -> Void = { _ in }
    ) -> Ledger {
        var updated = ledger
        for position in updated.attempts.indices
        where updated.attempts[position].number == attempt.number {
            change(&updated.attempts[position])
        }
        changeLedger(&updated)
        return updated
    }
}

extension Launch.Refusal.Kind {
    /// Another offering may do.
    var leavesOtherOfferings: Bool {
        switch self {
        case .capacity, .subnet, .quota: true
        case .ended, .rejected: false
        }
    }
}

extension Ledger {
    /// How the machine ends when the manifest is gone: as the newest attempt was told.
    var removalPolicy: EndPolicy.Removal { attempts.last?.onRemoval ?? .terminate }
}
