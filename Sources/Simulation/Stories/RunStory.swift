package import Training

/// What became of one run.
///
/// Steps are the trainer's; times are in milliseconds.
package struct RunStory: Hashable, Sendable {
    /// The step at which it completes.
    package let needed: Int
    package internal(set) var attempts = 0
    package internal(set) var machines = 0
    /// Machines that EC2 took, with a notice and without one.
    package internal(set) var noticed = 0
    package internal(set) var sudden = 0
    /// How long a trainer of it was alive.
    package internal(set) var trained: Int64 = 0
    /// Steps that were made and not saved, so that they had to be made again, or will have to.
    package internal(set) var redone = 0
    /// Steps that stand at the end: made by a living trainer, or saved.
    package internal(set) var progress = 0
    package internal(set) var completedAt: Timestamp?

    /// Where its last trainer ended, and what it committed.
    private var ended = 0
    private var committed = 0
    private var trainer: Trainer?

    private struct Trainer: Hashable, Sendable {
        var machine: InstanceID
        var since: Timestamp
    }

    init(needed: Int) {
        self.needed = needed
    }

    mutating func launched(attempt: Int) {
        machines += 1
        attempts = max(attempts, attempt)
    }

    mutating func taken(hadNotice: Bool) {
        if hadNotice { noticed += 1 } else { sudden += 1 }
    }

    mutating func note(_ fact: MachineFact, on machine: InstanceID, at now: Timestamp) {
        switch fact {
        case .trainerStarted(_, _, _, let step):
            redone += max(0, ended - step)
            ended = step
            trainer = Trainer(machine: machine, since: now)
        case .processesEnded(let status, let step?):
            guard let trainer, trainer.machine == machine else { return }
            self.trainer = nil
            trained += now.milliseconds - trainer.since.milliseconds
            ended = step
            if step >= needed, status.signal == nil { completedAt = completedAt ?? now }
        case .committed(let entry): committed = entry.step ?? committed
        default: break
        }
    }

    /// Ends the story; `step` is the one that the trainer of a machine is at.
    mutating func end(at now: Timestamp, _ step: (InstanceID) -> Int?) {
        if let trainer {
            trained += now.milliseconds - trainer.since.milliseconds
            progress = step(trainer.machine) ?? ended
        } else if completedAt != nil {
            progress = ended
        } else {
            progress = min(ended, committed)
            redone += ended - progress
        }
        trainer = nil
    }
}
