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
