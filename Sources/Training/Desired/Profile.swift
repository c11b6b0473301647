/// Where and how a run's machines are made on EC2.
package struct Profile: Hashable, Sendable, Codable {
    package var name: String
    package var region: String
    /// Empty: every zone with a usable subnet.
    package var zones: [String]
    /// Empty: the default subnets of the region's default VPC.
    package var subnets: [String]
    /// Empty: the VPC's default group.
    package var securityGroups: [String]
    /// Nil: the current Deep Learning image.
    package var image: ImageReference?
    /// The name or ARN of the IAM instance profile whose role the agent has.
    package var instanceProfile: String
    package var keyName: String?
    package var trainer: TrainerAccount
    /// Tags of every machine.
    package var tags: [String: String]

    package init(
        name: String, region: String, zones: [String] = [], subnets: [String] = [],
        securityGroups: [String] = [], image: ImageReference? = nil,
        instanceProfile: String = "holdfast-instance", keyName: String? = nil,
        trainer: TrainerAccount = TrainerAccount(), tags: [String: String] = [:]
    ) {
        self.name = name
        self.region = region
        self.zones = zones
        self.subnets = subnets
        self.securityGroups = securityGroups
        self.image = image
        self.instanceProfile = instanceProfile
        self.keyName = keyName
        self.trainer = trainer
        self.tags = tags
    }
}

/// As whom the commands of a manifest run on a machine.
package struct TrainerAccount: Hashable, Sendable, Codable {
    /// Unprivileged; made by the agent when the machine lacks it.
    package var user: String
    /// Whether that user reaches the instance's metadata, and by it the role's credentials.
    package var readsMetadata: Bool

    package init(user: String = "trainer", readsMetadata: Bool = false) {
        self.user = user
        self.readsMetadata = readsMetadata
    }
}
