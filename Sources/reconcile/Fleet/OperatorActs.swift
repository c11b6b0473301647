import Planning
import Training

/// What a person may write into the records: each as a pure change of one record.
extension Ledger {
    /// Releases a hold: the next pass opens an attempt, and failures so far count no more.
    mutating func resume(from checkpoint: CheckpointID?, at now: Timestamp) throws(CommandFailure) {
        guard let last = attempts.last else {
            throw CommandFailure(
                "\(run) has no attempt yet: there is nothing to resume",
                advice: "`reconcile --once` launches it")
        }
        guard last.closure != nil else {
            throw CommandFailure(
                "attempt \(last.number) of \(run) is still open: there is nothing to resume",
                advice: "`reconcile explain \(run)` says where it stands")
        }
        if let checkpoint, retired.contains(checkpoint) {
            throw CommandFailure(
                "\(checkpoint) of \(run) is retired: its files are being deleted",
                advice: "`reconcile checkpoints \(run)` lists those that can be used")
        }
        operatorResume = OperatorResume(at: now, afterAttempt: last.number, from: checkpoint)
    }
}
