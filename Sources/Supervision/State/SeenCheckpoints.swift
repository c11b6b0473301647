package import Checkpoints
import Training

/// What successive looks at a working directory made out, and what stands behind each name.
package struct SeenCheckpoints: Sendable {
    private var tracker = CandidateTracker()
    private var candidates: [String: Candidate] = [:]

    package init() {}

    /// Takes in a look; `final`: nobody writes any more, so one look is enough.
    package mutating func take(_ look: Look, final: Bool) -> LocalScan {
        let observation = tracker.observe(look, final: final)
        let named = observation.ready.map { ($0, LocalCheckpoint($0)) }
        candidates = Dictionary(named.map { ($1.fingerprint, $0) }) { first, _ in first }
        return LocalScan(
            complete: named.map(\.1),
            refused: observation.refused.map { "\($0.path): \($0.reason)" })
    }

    /// The files behind a checkpoint of the last look.
    package func candidate(_ checkpoint: LocalCheckpoint) -> Candidate? {
        candidates[checkpoint.fingerprint]
    }
}

extension LocalCheckpoint {
    fileprivate init(_ candidate: Candidate) {
        let facts = candidate.files.map { "\($0.path) \($0.size) \($0.modified) \($0.inode)" }
        self.init(
            path: candidate.path,
            fingerprint: Digest(of: ([candidate.path] + facts).joined(separator: "\n")).hex,
            step: candidate.step)
    }
}
