package import Training

/// What an attempt's commits have in common.
package struct CommitContext: Hashable, Sendable {
    package var generation: Int
    package var digest: SpecDigest
    package var kind: CheckpointPolicy.Kind
    /// As declared; nil is `auto`.
    package var format: CheckpointFormat?

    package init(
        generation: Int, digest: SpecDigest, kind: CheckpointPolicy.Kind,
        format: CheckpointFormat? = nil
    ) {
        self.generation = generation
        self.digest = digest
        self.kind = kind
        self.format = format
    }
}

package enum CommitOutcome: Hashable, Sendable {
    case committed(IndexedCheckpoint)
    /// The same bytes at the same paths are the last commit already.
    case duplicate(of: CheckpointID)
    /// It changed or vanished while it was read: no checkpoint as it was seen.
    case refused(reason: String)
    /// It stands still, and what is in it speaks against it.
    case flawed(FormatFlaw)
}

/// Why a commit did not come to an end.
///
/// Nothing that was committed is touched in any case.
package enum CommitFailure: Error, Hashable, Sendable {
    /// The run belongs to another; kill the trainer and leave.
    case fenced(by: Claim?)
    /// Commit the same candidate again later; what had been done is recognised.
    case unavailable(String)
    /// A person must look: access denied, disk full, a malformed index.
    case failed(String)

    init(_ failure: FenceFailure) {
        switch failure {
        case .fenced(let claim): self = .fenced(by: claim)
        default: self = failure.isTransient ? .unavailable("\(failure)") : .failed("\(failure)")
        }
    }

    init(_ failure: StoreFailure) {
        switch failure {
        case .unavailable, .conditionFailed: self = .unavailable("\(failure)")
        case .corrupt, .tooLarge, .denied, .local: self = .failed("\(failure)")
        }
    }
}

extension CommitFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .fenced(let claim): "\(FenceFailure.fenced(by: claim))"
        case .unavailable(let detail), .failed(let detail): detail
        }
    }
}

/// The name and the parent of a commit to come.
struct CommitTicket: Hashable, Sendable {
    var id: CheckpointID
    var parent: CheckpointID?
}
