package import Training

/// What the agent learns: the answers to its effects, and the passing of time.
package enum AgentEvent: Hashable, Sendable {
    /// The process has started; `memory` is what an earlier life on this disk left.
    case booted(memory: AgentMemory?)
    /// `nextWake` has come.
    case tick
    case ledger(LedgerReading)
    /// The answer to `readNotice`; a failed read is `.unseen`, never "none".
    case notice(NoticeReading)
    case heartbeatWritten
    /// The answer to `scan`.
    case scanned(LocalScan)
    case commit(LocalCheckpoint, CommitResult)
    case reported(ReportResult)
    /// The answer to `drop`.
    case dropped(ReportResult)
    /// The answer to the step with this number. Answers to abandoned steps are dropped.
    case step(Int, StepResult)
    /// How far `fetchMounts` is, for people.
    case mounting(String)
    /// Every process of setup or run is gone.
    case processesEnded(ProcessesEnd)
    /// The answer to `readProtection`; nil: unknown, which is never read as unprotected.
    case protection(Bool?)
}

/// What reading the ledger gave.
package enum LedgerReading: Hashable, Sendable {
    case ledger(Ledger)
    case unchanged
    case missing
    case unreadable(String)
}

/// What asking for a notice gave.
package enum NoticeReading: Hashable, Sendable {
    case none
    case notice(Notice)
    case unseen(MetadataFailure)
}

/// What became of one checkpoint on its way into the index.
package enum CommitResult: Hashable, Sendable {
    case committed(IndexedCheckpoint)
    /// The same bytes are committed already.
    case duplicate(CheckpointID)
    /// It changed while it was read; never tried again as it was.
    case refused(String)
    /// Its format speaks against it, which a person should know; never tried again as it was.
    case flawed(String)
    /// No definite answer, or the trainer was still writing: tried again.
    case failed(String)
    /// Another attempt holds the claim.
    case fenced(String)
}

/// What became of a report.
package enum ReportResult: Hashable, Sendable {
    case written
    case failed(String)
    case fenced(String)
}

/// The answer to a step.
package enum StepResult: Hashable, Sendable {
    case done
    /// The index as the claim left it, and the ledger as it was read after that.
    case claimed(RunIndex, Ledger)
    /// The index as it stood after the step.
    case index(RunIndex)
    case spec(RunSpec)
    /// Where the checkpoint stands now, an absolute path.
    case restored(path: String)
    case scanned(LocalScan)
    /// The evidence of completion that is missing, for people; empty: all holds.
    case missing([String])
    /// It will never succeed as asked: bytes that do not verify, a program that is not there.
    case invalid(String)
    case failed(String)
    case fenced(String)
}

/// How a command ended, with everything that it had started.
package struct ProcessesEnd: Hashable, Sendable {
    /// Of the main command; nil when it is not known.
    package var status: ExitStatus?
    /// Some process lived longer than the main command.
    package var outlived: Bool
    /// The end of the log, see `AttemptReport.lastLines`.
    package var lastLines: [String]

    package init(status: ExitStatus?, outlived: Bool = false, lastLines: [String] = []) {
        self.status = status
        self.outlived = outlived
        self.lastLines = lastLines
    }
}

/// What stands on the disk.
package struct LocalScan: Hashable, Sendable {
    /// Complete ones, the oldest first.
    package var complete: [LocalCheckpoint]
    /// Those that are no valid checkpoints: names with reasons.
    package var refused: [String]
    /// Why the disk could not be searched, for people: then nothing is known of what stands there.
    package var failure: String?

    package init(
        complete: [LocalCheckpoint] = [], refused: [String] = [], failure: String? = nil
    ) {
        self.complete = complete
        self.refused = refused
        self.failure = failure
    }
}

/// A complete checkpoint of the trainer's, on this disk.
package struct LocalCheckpoint: Hashable, Sendable {
    /// Relative to the working directory.
    package var path: String
    /// Differs whenever the bytes may differ.
    package var fingerprint: String
    /// For people.
    package var step: Int?

    package init(path: String, fingerprint: String, step: Int? = nil) {
        self.path = path
        self.fingerprint = fingerprint
        self.step = step
    }
}
