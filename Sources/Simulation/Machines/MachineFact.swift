package import Supervision
package import Training

/// Something that happened on a machine, as somebody who stands beside it would see it.
package enum MachineFact: Hashable, Sendable {
    /// A life of the agent, counted from 1 over all boots of the machine.
    case agentStarted(life: Int, boot: String)
    /// It was killed or crashed, and nothing of its memory is left.
    case agentLost(life: Int)
    case agentStage(AgentStateMachine.Stage)
    case setupStarted(attempt: Int)
    /// `path` is the checkpoint that it was told to go on from, `step` what it made of that.
    case trainerStarted(run: RunName, attempt: Int, from: String?, step: Int)
    /// Of setup or of the trainer, with everything that it had started.
    case processesEnded(ExitStatus, step: Int?)
    /// The trainer has ended writing a checkpoint, whole or damaged.
    case checkpointWritten(path: String, step: Int, isUsable: Bool)
    case committed(IndexedCheckpoint)
    case restored(CheckpointReference)
    case poweredOff(PowerOff, reason: String)
    /// Its system has come to the end of a shutdown that it was asked for.
    case halted
}
