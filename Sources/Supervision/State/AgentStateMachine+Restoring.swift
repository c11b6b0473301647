import Checkpoints
import Training

/// What to go on from, and getting it back.
extension AgentStateMachine {
    /// Asks the chooser; after each invalid checkpoint again.
    mutating func choose(_ now: Timestamp) {
        guard let attempt, let index, let spec else { return }
        stage = .restoring
        outbox?.enter(.restoring, at: now)
        guard let policy = spec.checkpoint else {
            begin(.setHead(nil), now)
            return
        }
        let decision = ResumeChooser.decide(
            ResumeQuestion(
                start: attempt.start, index: index, retired: ledger?.retired ?? [],
                attempt: attempt.number, generation: attempt.generation, digest: attempt.digest,
                onInvalid: policy.onInvalid,
                forgivenThrough: ledger?.operatorResume?.afterAttempt ?? 0,
                failures: failedRestores))
        choice = decision.choice
        if let id = decision.quarantine, let failure = failedRestores.last {
            begin(.quarantine(id, attempt.digest, reason: failure.reason), now)
        } else {
            followChoice(now)
        }
    }

    mutating func followChoice(_ now: Timestamp) {
        switch choice {
        case .restore(let reference):
            restoring = reference
            begin(.restore(reference), now)
        case .fresh(let reason):
            restoring = nil
            if !failedRestores.isEmpty { outbox?.change { $0.fallback = reason } }
            begin(.setHead(nil), now)
        case .hold(let reason):
            ending.isHeld = true
            fail(reason, now)
        case nil: break
        }
    }

    mutating func restoreFailed(_ reason: String, _ now: Timestamp) {
        guard let restoring else { return }
        failedRestores.append(FailedRestore(checkpoint: restoring, reason: reason))
        outbox?.change { $0.fallback = "\(restoring) does not verify: \(reason)" }
        choose(now)
    }

    mutating func wasRestored(_ path: String, _ now: Timestamp) {
        resumePath = path
        // A checkpoint of another run is the root of a new lineage.
        begin(.setHead(ownRestored), now)
    }

    private var ownRestored: CheckpointID? {
        guard let restoring, restoring.run == nil || restoring.run == configuration.run else {
            return nil
        }
        return restoring.checkpoint
    }

    mutating func headWasSet(_ now: Timestamp) {
        uploads.newest = ownRestored
        let from = restoring?.checkpoint
        outbox?.change { $0.startedFrom = from }
        if let policy = spec?.checkpoint {
            begin(.findLocal(policy), now)
        } else {
            start(now)
        }
    }

    mutating func start(_ now: Timestamp) {
        guard let spec else { return }
        if let limit = spec.maxDuration, trainedBefore >= limit {
            begin(drainFor: .expired, now)
            return
        }
        remember()
        let text =
            if let path = resumePath, let resume = spec.resume {
                RunCommand.substituting(resume, checkpoint: path)
            } else {
                spec.run
            }
        processes = .starting
        begin(.start(command(text, of: spec)), now)
    }

    /// Training time of the attempts before this one.
    var trainedBefore: Seconds { ledger?.trained ?? 0 }

    mutating func remember() {
        guard let attempt else { return }
        out.append(
            .remember(
                AgentMemory(
                    run: configuration.run, attempt: attempt.number,
                    generation: attempt.generation, digest: attempt.digest,
                    known: uploads.known)))
    }
}
