package import Training

/// Why a working directory could not be searched for checkpoints.
package enum ScanFailure: Error, Hashable, Sendable {
    case badPattern(String)
    /// Beyond a bound; the pattern matches more than checkpoints.
    case tooMany(String)
    case unreadable(String)
}

package struct CandidateScanner: Sendable {
    package init(directory: String, policy: CheckpointPolicy) throws(ScanFailure) {}
    package func look() throws(ScanFailure) -> Look { throw .unreadable("not built yet") }
}

package struct CommitContext: Hashable, Sendable {
    package var generation: Int
    package var digest: SpecDigest
    package var kind: CheckpointPolicy.Kind
    package init(generation: Int, digest: SpecDigest, kind: CheckpointPolicy.Kind) {
        self.generation = generation
        self.digest = digest
        self.kind = kind
    }
}
package enum CommitOutcome: Hashable, Sendable {
    case committed(IndexedCheckpoint)
    case duplicate(of: CheckpointID)
    case refused(reason: String)
}
package enum CommitFailure: Error, Hashable, Sendable {
    case fenced(by: Claim?)
    case unavailable(String)
    case failed(String)
}
package struct CheckpointCommitter: Sendable {
    package init(index: FencedIndex, directory: String, staging: String, parallel: Int = 4) {}
    package func commit(
        _ candidate: Candidate, _ context: CommitContext, at now: Timestamp
    ) async throws(CommitFailure) -> CommitOutcome { throw .failed("not built yet") }
}
package struct RestoredCheckpoint: Hashable, Sendable {
    package var id: CheckpointID
    package var path: String
    package var step: Int?
    package var size: Int
}
package enum RestoreFailure: Error, Hashable, Sendable {
    case invalid(String)
    case unavailable(String)
    case failed(String)
}
package struct CheckpointRestorer: Sendable {
    package init(records: RecordStore, directory: String, staging: String, parallel: Int = 4) {}
    package func restore(
        _ id: CheckpointID, of run: RunName
    ) async throws(RestoreFailure) -> RestoredCheckpoint { throw .failed("not built yet") }
}
package struct FailedRestore: Hashable, Sendable {
    package var checkpoint: CheckpointReference
    package var reason: String
    package init(checkpoint: CheckpointReference, reason: String) {
        self.checkpoint = checkpoint
        self.reason = reason
    }
}
package struct ResumeQuestion: Hashable, Sendable {
    package var start: StartPoint
    package var index: RunIndex
    package var retired: [CheckpointID]
    package var attempt: Int
    package var generation: Int
    package var digest: SpecDigest
    package var onInvalid: CheckpointPolicy.OnInvalid
    package var forgivenThrough: Int
    package var failed: FailedRestore?
    package init(
        start: StartPoint, index: RunIndex, retired: [CheckpointID], attempt: Int,
        generation: Int, digest: SpecDigest, onInvalid: CheckpointPolicy.OnInvalid,
        forgivenThrough: Int = 0, failed: FailedRestore? = nil
    ) {
        self.start = start
        self.index = index
        self.retired = retired
        self.attempt = attempt
        self.generation = generation
        self.digest = digest
        self.onInvalid = onInvalid
        self.forgivenThrough = forgivenThrough
        self.failed = failed
    }
}
package enum ResumeChoice: Hashable, Sendable {
    case restore(CheckpointReference)
    case fresh(reason: String)
    case hold(reason: String)
}
package struct ResumeDecision: Hashable, Sendable {
    package var quarantine: CheckpointID?
    package var choice: ResumeChoice
}
package enum ResumeChooser {
    package static func decide(_ question: ResumeQuestion) -> ResumeDecision {
        ResumeDecision(quarantine: nil, choice: .hold(reason: "not built yet"))
    }
}
