import Processes
import Training

/// What a machine was launched as: written once, last of all files of a launch.
struct LaunchRecord: Hashable, Sendable, Codable {
    var clientToken: String
    /// Of the whole request: another one under the same token is refused.
    var request: Digest
    var market: Market
    var region: String
    var shutdownBehavior: LaunchRequest.ShutdownBehavior
    var launchedAt: Timestamp
    /// What every process of the machine bears.
    var mark: EnvironmentMark
}

/// How a machine is: written by its shim while that lives, and by whoever buries it afterwards.
struct MachineStatus: Hashable, Sendable, Codable {
    var state: Instance.State
    /// EC2's `StateReason.Code`.
    var reason: String
    var since: Timestamp
    /// How often it was booted: 1 after its launch.
    var boot: Int
    var shim: ProcessIdentity?
}

/// What is to become of a machine: written by the provider, carried out by the shim.
struct MachineOrder: Hashable, Sendable, Codable {
    enum Verb: String, Sendable, Codable {
        case stop
        case terminate
        /// Taken away as spot is.
        case interrupt
    }

    var verb: Verb
    /// When everything that is left is killed.
    var deadline: Timestamp

    /// Of two orders the one that takes more, and of equal ones the sooner one.
    func merged(with other: MachineOrder) -> MachineOrder {
        let verbs: [Verb] = [.stop, .terminate, .interrupt]
        let rank = verbs.firstIndex(of: verb) ?? 0
        let otherRank = verbs.firstIndex(of: other.verb) ?? 0
        var result = rank < otherRank ? other : self
        result.deadline = min(deadline, other.deadline)
        return result
    }
}

/// EC2's codes for why a machine is in its state (user guide, instance state reasons).
enum StateReason {
    static let interrupted = "Server.SpotInstanceTermination"
    static let byUser = "Client.UserInitiatedShutdown"
    static let byItself = "Client.InstanceInitiatedShutdown"
    static let failed = "Server.InternalError"
}
