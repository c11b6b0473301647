/// A sign of life of one attempt.
///
/// Its object's LastModified is the liveness; this is the body.
package struct Heartbeat: Hashable, Sendable, Codable {
    package enum Phase: String, Sendable, Codable {
        /// A replacement that waits for the fence to open: alive, and not "never claimed".
        case waiting
        case working
    }

    package private(set) var version = 1
    package var instance: InstanceID
    package var boot: String
    package var phase: Phase
    package var report: AttemptReport.Phase?
    package var step: Int?
    package var checkpoint: CheckpointID?
    /// Why the agent cannot see notices now; nil while it can.
    package var blindness: String?
    /// Why the checkpoints on the machine's disk are not saved: they cannot be found, or the newest
    /// one is flawed; nil while they are.
    package var scanFailure: String?

    package init(
        instance: InstanceID, boot: String, phase: Phase, report: AttemptReport.Phase? = nil,
        step: Int? = nil, checkpoint: CheckpointID? = nil, blindness: String? = nil,
        scanFailure: String? = nil
    ) {
        self.instance = instance
        self.boot = boot
        self.phase = phase
        self.report = report
        self.step = step
        self.checkpoint = checkpoint
        self.blindness = blindness
        self.scanFailure = scanFailure
    }
}
