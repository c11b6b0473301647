import Training

/// Chooses what an attempt goes on from.
///
/// The rules, in order:
///
/// 1. An attempt that has set the head already and is here again (its agent was restarted) goes on
///    from the newest on its lineage, whatever it was told to start from: that was done.
/// 2. `fresh` starts afresh. `named` restores what is named, quarantined or not, since a person or
///    the manifest says so; when it does not verify the run holds (`on_invalid: fresh`: starts
///    afresh), since nobody named anything else.
/// 3. `newest` restores the best candidate of the index (`RunIndex.candidates`).
/// 4. One that does not verify: `on_invalid: hold` holds. Otherwise it goes into quarantine for
///    this spec, and then `fresh` starts afresh, `previous` goes on with the next candidate. But
///    only one is quarantined in a streak without progress: at the second one the run holds, so
///    that a broken disk or loader cannot eat the whole lineage. A commit ends the streak, and so
///    does a person's `reconcile resume`.
/// 5. No candidate is left: afresh when nothing of this generation stands on the lineage. When
///    something does, all of it unusable, `hold` holds, the others start afresh.
package enum ResumeChooser {
    package static func decide(_ question: ResumeQuestion) -> ResumeDecision {
        if !question.hasStarted {
            switch question.start.kind {
            case .fresh:
                return ResumeDecision(choice: .fresh(reason: "a fresh start was asked for"))
            case .named:
                if let named = question.start.checkpoint { return decide(question, named: named) }
                return ResumeDecision(
                    choice: .hold(reason: "the checkpoint to start from is not named"))
            case .newest: break
            }
        }
        guard let failed = question.failures.last else {
            return ResumeDecision(choice: next(question, without: nil))
        }
        let id = failed.checkpoint.checkpoint
        let detail = "checkpoint \(id) does not verify: \(failed.reason)"
        switch question.onInvalid {
        case .hold: return ResumeDecision(choice: .hold(reason: detail))
        case .fresh: return ResumeDecision(quarantine: id, choice: .fresh(reason: detail))
        case .previous:
            let earlier =
                question.streak + question.failures.dropLast().map(\.checkpoint.checkpoint)
            if let earlier = earlier.first {
                return ResumeDecision(
                    choice: .hold(
                        reason: "\(detail); \(earlier) did not either, and nothing was committed "
                            + "since"))
            }
            return ResumeDecision(quarantine: id, choice: next(question, without: id))
        }
    }

    private static func decide(
        _ question: ResumeQuestion, named: CheckpointReference
    ) -> ResumeDecision {
        if let failed = question.failures.last {
            let detail =
                "checkpoint \(named), which was asked for, does not verify: "
                + failed.reason
            return ResumeDecision(
                choice: question.onInvalid == .fresh
                    ? .fresh(reason: detail) : .hold(reason: detail))
        }
        let isOwn = named.run == nil || named.run == question.index.run
        if isOwn && question.retired.contains(named.checkpoint) {
            return ResumeDecision(
                choice: .hold(reason: "checkpoint \(named), which was asked for, is deleted"))
        }
        return ResumeDecision(choice: .restore(named))
    }

    private static func next(
        _ question: ResumeQuestion, without failed: CheckpointID?
    ) -> ResumeChoice {
        let candidates = question.index.candidates(
            generation: question.generation, digest: question.digest, retired: question.retired)
        if let best = candidates.first(where: { $0.id != failed }) {
            return .restore(CheckpointReference(checkpoint: best.id))
        }
        let unusable = question.index.lineage.count { $0.generation == question.generation }
        if unusable == 0 {
            return .fresh(
                reason: question.index.checkpoints.isEmpty
                    ? "nothing was committed yet"
                    : "nothing was committed in generation \(question.generation) "
                        + "since the last fresh start")
        }
        let detail = "none of the \(unusable) checkpoints on the lineage can be used"
        return question.onInvalid == .hold ? .hold(reason: detail) : .fresh(reason: detail)
    }
}

extension ResumeQuestion {
    /// This attempt has chosen before.
    fileprivate var hasStarted: Bool { index.head?.attempt == attempt }

    /// The quarantines with this spec since the last commit, oldest first.
    ///
    /// Told by attempts, so that no clock of any machine matters; this life's own ones are its
    /// `failures`.
    fileprivate var streak: [CheckpointID] {
        let progressed = index.checkpoints.last?.id.attempt ?? 0
        return index.checkpoints.filter { checkpoint in
            checkpoint.quarantines.contains {
                $0.digest == digest && $0.attempt > max(forgivenThrough, progressed)
            }
        }.map(\.id)
    }
}
