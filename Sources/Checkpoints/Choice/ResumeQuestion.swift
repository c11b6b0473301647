package import Training

/// All that decides what an attempt goes on from.
package struct ResumeQuestion: Hashable, Sendable {
    package var start: StartPoint
    package var index: RunIndex
    /// `Ledger.retired`: their bytes are being deleted.
    package var retired: [CheckpointID]
    /// The one that asks.
    package var attempt: Int
    package var generation: Int
    package var digest: SpecDigest
    package var onInvalid: CheckpointPolicy.OnInvalid
    /// `Ledger.operatorResume.afterAttempt`, or 0: quarantines up to that attempt count no more.
    package var forgivenThrough: Int
    /// The restores of this life that turned out invalid, the latest one last.
    package var failures: [FailedRestore]

    package init(
        start: StartPoint, index: RunIndex, retired: [CheckpointID], attempt: Int,
        generation: Int, digest: SpecDigest, onInvalid: CheckpointPolicy.OnInvalid,
        forgivenThrough: Int = 0, failures: [FailedRestore] = []
    ) {
        self.start = start
        self.index = index
        self.retired = retired
        self.attempt = attempt
        self.generation = generation
        self.digest = digest
        self.onInvalid = onInvalid
        self.forgivenThrough = forgivenThrough
        self.failures = failures
    }
}

/// A checkpoint that did not verify.
///
/// A read error is none: that restore is tried again.
package struct FailedRestore: Hashable, Sendable {
    package var checkpoint: CheckpointReference
    package var reason: String

    package init(checkpoint: CheckpointReference, reason: String) {
        self.checkpoint = checkpoint
        self.reason = reason
    }
}

package struct ResumeDecision: Hashable, Sendable {
    /// To be put into quarantine, with the failure's reason, before the choice is followed.
    package var quarantine: CheckpointID?
    package var choice: ResumeChoice

    package init(quarantine: CheckpointID? = nil, choice: ResumeChoice) {
        self.quarantine = quarantine
        self.choice = choice
    }
}

package enum ResumeChoice: Hashable, Sendable {
    case restore(CheckpointReference)
    case fresh(reason: String)
    /// Nothing starts; a person decides (`reconcile resume RUN [--from CHECKPOINT]`).
    case hold(reason: String)
}
