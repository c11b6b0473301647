package import Training

extension SimulatedEC2 {
    /// A launch as it came over the wire, nothing sorted or defaulted: the token covers all of it.
    package struct RunInstances: Hashable, Sendable {
        package var imageID = ""
        package var instanceType = ""
        package var minCount = 1
        package var maxCount = 1
        package var clientToken: String?
        package var subnetID: String?
        /// `Placement.AvailabilityZone`.
        package var zone: String?
        package var securityGroupIDs: [String] = []
        package var keyName: String?
        /// Its name or its ARN.
        package var instanceProfile: String?
        /// Decoded from base64.
        package var userData: [UInt8] = []
        package var spot: SpotOptions?
        package var tagSpecifications: [TagSpecification] = []
        package var blockDevices: [BlockDevice] = []
        package var metadata = MetadataOptions()
        /// EC2's default is stop: a machine that powers itself off stays and is billed.
        package var shutdownBehavior = InterruptionBehavior.stop
        package var disablesTermination = false
        package var dryRun = false

        package init() {}

        package var market: SimulatedMarket { spot == nil ? .onDemand : .spot }

        /// The tags for one kind of resource, in their order.
        package func tags(of resourceType: String) -> [KeyValue] {
            tagSpecifications.filter { $0.resourceType == resourceType }.flatMap(\.tags)
        }
    }

    package struct KeyValue: Hashable, Sendable {
        package var key: String
        package var value: String

        package init(_ key: String, _ value: String) {
            self.key = key
            self.value = value
        }
    }

    package struct TagSpecification: Hashable, Sendable {
        /// `instance`, `volume`, `network-interface` or `spot-instances-request`.
        package var resourceType: String
        package var tags: [KeyValue]

        package init(_ resourceType: String, _ tags: [KeyValue]) {
            self.resourceType = resourceType
            self.tags = tags
        }
    }

    /// `InstanceMarketOptions.SpotOptions`.
    package struct SpotOptions: Hashable, Sendable {
        /// US dollars an hour, as text; the on-demand price when it is left out.
        package var maxPrice: String?
        package var isPersistent = false
        package var interruptionBehavior = InterruptionBehavior.terminate
        package var validUntil: Timestamp?

        package init() {}
    }

    package struct BlockDevice: Hashable, Sendable {
        package var deviceName: String
        /// GiB.
        package var volumeSize: Int?
        package var volumeType: String?
        package var deletesOnTermination: Bool?
        package var encrypted: Bool?

        package init(deviceName: String, volumeSize: Int? = nil) {
            self.deviceName = deviceName
            self.volumeSize = volumeSize
        }
    }

    package struct MetadataOptions: Hashable, Sendable {
        package var isEnabled = true
        package var requiresTokens = false
        package var hopLimit = 1
        package var showsTags = false

        package init() {}
    }
}
