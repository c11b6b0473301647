import Simulation
import Training

extension SimulatedEC2.RunInstances {
    /// Reads a launch from its parameters.
    init(_ form: inout CallForm) throws(CloudFailure) {
        self.init()
        imageID = form.text("ImageId") ?? ""
        instanceType = form.text("InstanceType") ?? ""
        minCount = try form.number("MinCount") ?? 0
        maxCount = try form.number("MaxCount") ?? 0
        clientToken = form.text("ClientToken")
        subnetID = form.text("SubnetId")
        zone = form.text("Placement.AvailabilityZone")
        securityGroupIDs = form.list("SecurityGroupId")
        keyName = form.text("KeyName")
        instanceProfile =
            form.text("IamInstanceProfile.Name") ?? form.text("IamInstanceProfile.Arn")
        if let text = form.text("UserData") {
            guard let bytes = WireBase64.decode(text) else {
                throw CloudFailure(
                    "InvalidUserData.Malformed", "Invalid BASE64 encoding of user data.")
            }
            userData = bytes
        }
        shutdownBehavior =
            try form.choice("InstanceInitiatedShutdownBehavior", InterruptionBehavior.self)
            ?? .stop
        disablesTermination = try form.flag("DisableApiTermination") ?? false
        dryRun = try form.flag("DryRun") ?? false
        try readMarket(&form)
        try readMetadata(&form)
        tagSpecifications = try SimulatedEC2.TagSpecification.list(&form)
        blockDevices = try SimulatedEC2.BlockDevice.list(&form)
        // Asked for by nobody here, but harmless and sent by people's scripts.
        _ = form.text("EbsOptimized")
        _ = form.text("Monitoring.Enabled")
    }

    private mutating func readMarket(_ form: inout CallForm) throws(CloudFailure) {
        switch form.text("InstanceMarketOptions.MarketType") {
        case nil: return
        case "spot"?: break
        case let other?:
            throw CloudFailure("InvalidParameterValue", "MarketType \(other) is not modelled")
        }
        let prefix = "InstanceMarketOptions.SpotOptions."
        var options = SimulatedEC2.SpotOptions()
        options.maxPrice = form.text(prefix + "MaxPrice")
        switch form.text(prefix + "SpotInstanceType") {
        case nil, "one-time"?: break
        case "persistent"?: options.isPersistent = true
        case let other?:
            throw CloudFailure(
                "InvalidParameterValue", "Value (\(other)) for SpotInstanceType is invalid.")
        }
        options.interruptionBehavior =
            try form.choice(prefix + "InstanceInterruptionBehavior", InterruptionBehavior.self)
            ?? .terminate
        options.validUntil = try form.moment(prefix + "ValidUntil")
        spot = options
    }

    private mutating func readMetadata(_ form: inout CallForm) throws(CloudFailure) {
        enum Endpoint: String { case enabled, disabled }
        enum Tokens: String { case optional, required }
        let prefix = "MetadataOptions."
        if let endpoint = try form.choice(prefix + "HttpEndpoint", Endpoint.self) {
            metadata.isEnabled = endpoint == .enabled
        }
        if let tokens = try form.choice(prefix + "HttpTokens", Tokens.self) {
            metadata.requiresTokens = tokens == .required
        }
        if let limit = try form.number(prefix + "HttpPutResponseHopLimit") {
            metadata.hopLimit = limit
        }
        if let tags = try form.choice(prefix + "InstanceMetadataTags", Endpoint.self) {
            metadata.showsTags = tags == .enabled
        }
    }
}

extension SimulatedEC2.TagSpecification {
    static func list(_ form: inout CallForm) throws(CloudFailure) -> [Self] {
        var list: [Self] = []
        for prefix in form.groups("TagSpecification") {
            let type = try form.needed(prefix + "ResourceType")
            list.append(Self(type, try SimulatedEC2.KeyValue.list(&form, prefix + "Tag")))
        }
        return list
    }
}

extension SimulatedEC2.KeyValue {
    static func list(_ form: inout CallForm, _ name: String) throws(CloudFailure) -> [Self] {
        var list: [Self] = []
        for prefix in form.groups(name) {
            list.append(Self(try form.needed(prefix + "Key"), form.text(prefix + "Value") ?? ""))
        }
        return list
    }
}

extension SimulatedEC2.BlockDevice {
    static func list(_ form: inout CallForm) throws(CloudFailure) -> [Self] {
        var list: [Self] = []
        for prefix in form.groups("BlockDeviceMapping") {
            var device = Self(deviceName: try form.needed(prefix + "DeviceName"))
            device.volumeSize = try form.number(prefix + "Ebs.VolumeSize")
            device.volumeType = form.text(prefix + "Ebs.VolumeType")
            device.deletesOnTermination = try form.flag(prefix + "Ebs.DeleteOnTermination")
            device.encrypted = try form.flag(prefix + "Ebs.Encrypted")
            list.append(device)
        }
        return list
    }
}
