package import Training

/// Where one run stands: a pure function of what was observed.
package struct RunPhase: Hashable, Sendable {
    package enum Phase: Hashable, Sendable {
        case pending
        case launching
        case starting
        case training
        case draining(String)
        case stopped
        case interrupted
        case completed
        case failed
        case held(HoldReason)
        case suspended
        case terminated
        case unknown

        package var name: String {
            switch self {
            case .pending: "Pending"
            case .launching: "Launching"
            case .starting: "Starting"
            case .training: "Training"
            case .draining: "Draining"
            case .stopped: "Stopped"
            case .interrupted: "Interrupted"
            case .completed: "Completed"
            case .failed: "Failed"
            case .held: "Held"
            case .suspended: "Suspended"
            case .terminated: "Terminated"
            case .unknown: "Unknown"
            }
        }
    }

    package var run: RunName
    package var phase: Phase
    package var attempt: Int?
    package var instance: InstanceID?
    package var step: Int?
    package var checkpoint: CheckpointID?
    /// What its living machine costs an hour, where that is known.
    package var hourly: Dollars?
    /// Why, in a sentence: the action's or the inaction's reason.
    package var reason: String

    package init(
        run: RunName, phase: Phase, attempt: Int? = nil, instance: InstanceID? = nil,
        step: Int? = nil, checkpoint: CheckpointID? = nil, hourly: Dollars? = nil,
        reason: String
    ) {
        self.run = run
        self.phase = phase
        self.attempt = attempt
        self.instance = instance
        self.step = step
        self.checkpoint = checkpoint
        self.hourly = hourly
        self.reason = reason
    }
}
