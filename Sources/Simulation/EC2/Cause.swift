import Training

extension SimulatedEC2 {
    /// Who or what ended a machine's run, as `StateReason` tells it.
    package enum Cause: String, Hashable, Sendable {
        case user = "Client.UserInitiatedShutdown"
        case itself = "Client.InstanceInitiatedShutdown"
        case spotTermination = "Server.SpotInstanceTermination"
        case spotStop = "Server.SpotInstanceShutdown"
        case scheduledStop = "Server.ScheduledStop"
        case noCapacity = "Server.InsufficientInstanceCapacity"
        case internalError = "Server.InternalError"
        case clientError = "Client.InternalError"
        case volumeLimit = "Client.VolumeLimitExceeded"
        case snapshotMissing = "Client.InvalidSnapshot.NotFound"

        /// For people.
        var words: String {
            switch self {
            case .user: "User initiated shutdown"
            case .itself: "Instance initiated shutdown"
            case .spotTermination: "Spot instance termination"
            case .spotStop: "Spot instance stopped"
            case .scheduledStop: "Stopped due to a scheduled retirement"
            case .noCapacity: "Insufficient capacity to satisfy instance request"
            case .internalError: "Internal error on launch"
            case .clientError: "Client error on launch"
            case .volumeLimit: "Volume limit exceeded"
            case .snapshotMissing: "The snapshot does not exist"
            }
        }
    }
}
