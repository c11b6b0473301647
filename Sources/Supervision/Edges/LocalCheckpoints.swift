import Checkpoints
import Synchronization
import Training

/// Scans the working directory.
final class LocalCheckpoints: Sendable {
    private let disk: MachineDisk
    private let seen = Mutex(SeenCheckpoints())

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
        return .success(seen.withLock { $0.take(look, final: final) })
    }

    /// The files behind a checkpoint of the last look.
    func candidate(_ checkpoint: LocalCheckpoint) -> Candidate? {
        seen.withLock { $0.candidate(checkpoint) }
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
