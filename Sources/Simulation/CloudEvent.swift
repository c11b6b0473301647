package import Training

/// Something that befell a machine, for whoever runs what is inside it.
package struct CloudEvent: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// The machine is up and runs its user data; `boot` counts its boots from 1.
        case booted(boot: Int)
        /// A spot notice now stands in its metadata.
        case noticed(SimulatedInstance.Interruption)
        /// A rebalance recommendation now stands in its metadata.
        case rebalanceRecommended
        /// A maintenance event now stands in its metadata.
        case maintenanceScheduled
        /// The operating system is asked to shut down; the power goes off within the rules' grace.
        case shutdownAsked
        /// The power is off: nothing runs any more. The disk stays when it is `stopped`.
        case powerCut(SimulatedInstance.State)
        /// The terminated machine is no longer described.
        case faded
    }

    package var at: Timestamp
    package var region: String
    package var instance: InstanceID
    package var kind: Kind

    package init(at: Timestamp, region: String, instance: InstanceID, kind: Kind) {
        self.at = at
        self.region = region
        self.instance = instance
        self.kind = kind
    }
}

extension CloudEvent.Kind {
    /// For people who read what happened.
    var words: String {
        switch self {
        case .booted(let boot): boot == 1 ? "it runs" : "it runs again, boot \(boot)"
        case .noticed(let interruption):
            "notice: EC2 takes it at \(Timeline.clock(interruption.time))"
        case .rebalanceRecommended: "rebalance recommendation"
        case .maintenanceScheduled: "maintenance is scheduled"
        case .shutdownAsked: "its system is asked to shut down"
        case .powerCut(let state): "it is \(state.rawValue)"
        case .faded: "it is described no longer"
        }
    }
}
