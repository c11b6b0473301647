package import Training
import Transport

extension EC2 {
    /// Launches one machine; the same request gives the same bytes, always.
    ///
    /// Not repeated after anything but a refusal: the ledger decides what an open launch means.
    package struct RunInstances: EC2Call {
        package static let action = "RunInstances"
        package static let cost = CallClass.runInstances
        package static let retries = AWSRequest.Retries.refusals
        package static let deadline = Duration.seconds(60)

        private let request: LaunchRequest
        private let machine: MachineRequest

        package init(_ request: LaunchRequest, on machine: MachineRequest) {
            self.request = request
            self.machine = machine
        }

        package func add(to form: inout QueryForm) {
            form.add("ClientToken", request.clientToken)
            form.add("MinCount", 1)
            form.add("MaxCount", 1)
            form.add("ImageId", machine.image.id)
            form.add("InstanceType", machine.instanceType)
            form.add("Placement.AvailabilityZone", machine.zone)
            form.add("SubnetId", machine.subnet)
            form.add("SecurityGroupId", list: machine.securityGroups)
            form.add("KeyName", machine.keyName)
            if !machine.instanceProfile.isEmpty {
                let isARN = machine.instanceProfile.hasPrefix("arn:")
                form.add("IamInstanceProfile.\(isARN ? "Arn" : "Name")", machine.instanceProfile)
            }
            form.add("UserData", Base64.encode(Array(request.userData.utf8)))
            form.add(
                "InstanceInitiatedShutdownBehavior", request.shutdownBehavior.rawValue)
            addMarket(to: &form)
            addDisk(to: &form)
            // No version 1, nobody behind another hop, tags where the agent reads them.
            form.add("MetadataOptions.HttpEndpoint", "enabled")
            form.add("MetadataOptions.HttpTokens", "required")
            form.add("MetadataOptions.HttpPutResponseHopLimit", 1)
            form.add("MetadataOptions.InstanceMetadataTags", "enabled")
            addTags(to: &form)
        }

        private func addMarket(to form: inout QueryForm) {
            guard request.market == .spot else { return }
            let options = "InstanceMarketOptions"
            form.add("\(options).MarketType", "spot")
            form.add("\(options).SpotOptions.SpotInstanceType", "one-time")
            form.add("\(options).SpotOptions.InstanceInterruptionBehavior", "terminate")
            form.add("\(options).SpotOptions.MaxPrice", machine.maxPrice?.description)
        }

        /// Another size for the image's own root: by its name, or a second volume would come.
        private func addDisk(to form: inout QueryForm) {
            guard let size = machine.diskSize else { return }
            form.add("BlockDeviceMapping.1.DeviceName", machine.image.rootDevice)
            form.add("BlockDeviceMapping.1.Ebs.VolumeSize", size)
            form.add("BlockDeviceMapping.1.Ebs.VolumeType", "gp3")
            form.add("BlockDeviceMapping.1.Ebs.DeleteOnTermination", true)
        }

        /// Everything that the launch makes, tagged with it or not made at all.
        private func addTags(to form: inout QueryForm) {
            guard !request.tags.isEmpty else { return }
            // EC2 refuses the request's tags where there is no spot request.
            let spot = request.market == .spot ? ["spot-instances-request"] : []
            let kinds = ["instance", "volume", "network-interface"] + spot
            form.add("TagSpecification", each: kinds) { form, place, kind in
                form.add("\(place).ResourceType", kind)
                form.add("\(place).Tag", tags: request.tags)
            }
        }

        package static func read(_ root: XMLElement) throws(AWSFailure) -> MachineDescription {
            let items = root.items("instancesSet")
            guard let item = items.first, items.count == 1 else {
                throw .malformed("\(action): \(items.count) machines for one")
            }
            return try MachineDescription(item)
        }
    }
}
