import Checkpoints
import Synchronization
import Training

/// Scans the working directory, and keeps what stands behind each checkpoint that it named.
final class LocalCheckpoints: Sendable {
    private let disk: MachineDisk
    private let state = Mutex(State())

    private struct State {
        var tracker = CandidateTracker()
        var candidates: [String: Candidate] = [:]
    }

    init(disk: MachineDisk) {
        self.disk = disk
    }

    /// One look.
    ///
    /// `final`: nobody writes any more, so one look is enough.
    func scan(_ policy: CheckpointPolicy, final: Bool) -> Result<LocalScan, ScanFailure> {
        let look: Look
        do {
            look = try CandidateScanner(directory: disk.work, policy: policy).look()
        } catch {
            return .failure(error)
        }
        return state.withLock { state in
            let observation = state.tracker.observe(look, final: final)
            let named = observation.ready.map { ($0, LocalCheckpoint($0)) }
            state.candidates = Dictionary(named.map { ($1.fingerprint, $0) }) { first, _ in first }
            return .success(
                LocalScan(
                    complete: named.map(\.1),
                    refused: observation.refused.map { "\($0.path): \($0.reason)" }))
        }
    }

    /// The files behind a checkpoint of the last look.
    func candidate(_ checkpoint: LocalCheckpoint) -> Candidate? {
        state.withLock { $0.candidates[checkpoint.fingerprint] }
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

extension ScanFailure {
    /// No later look can go better.
    var isLasting: Bool {
        switch self {
        case .badPattern, .tooMany: true
        case .unreadable: false
        }
    }
}
