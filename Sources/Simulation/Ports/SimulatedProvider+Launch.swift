package import Training

extension SimulatedProvider {
    package func launch(
        _ request: LaunchRequest, in cloud: inout SimulatedCloud, at moment: Timestamp
    ) throws(LaunchFailure) -> Instance {
        guard let machine = request.machine, request.region == region else {
            throw .rejected("the request is not for machines of EC2 in \(region)")
        }
        guard request.userData.utf8.count <= 16 << 10 else {
            throw .rejected("the user data is beyond 16 KiB")
        }
        let call = SimulatedEC2.RunInstances(request, on: machine)
        let found: SimulatedInstance?
        do throws(CloudFailure) {
            found = try reach(&cloud, moment) { ec2 throws(CloudFailure) in
                if let refusal = ec2.refusals.launch { throw refusal }
                return try ec2.runInstances(call).first
            }
        } catch {
            let failure = LaunchFailure(error)
            guard failure == .parametersMismatch else { throw failure }
            found = try adopted(request.clientToken, &cloud, moment)
        }
        guard let found else { throw .unanswered("no machine for one") }
        if found.hasEnded { throw .instanceTerminated }
        return instance(found)
    }

    /// The machine that the token was used for, as the client of EC2 looks for it.
    private func adopted(
        _ token: String, _ cloud: inout SimulatedCloud, _ moment: Timestamp
    ) throws(LaunchFailure) -> SimulatedInstance {
        var call = SimulatedEC2.DescribeInstances()
        call.filters = [SimulatedEC2.Filter("client-token", exactly: token)]
        let known: [SimulatedInstance]
        do throws(CloudFailure) {
            known = try reach(&cloud, moment) { ec2 throws(CloudFailure) in
                try machines(call, in: &ec2)
            }
        } catch {
            throw .unanswered("the token is known, but not its machine: \(error)")
        }
        guard let machine = known.first else { throw .parametersMismatch }
        return machine
    }
}

extension SimulatedEC2.RunInstances {
    /// A frozen launch in the form in which the client of EC2 sends it.
    package init(_ request: LaunchRequest, on machine: MachineRequest) {
        self.init()
        clientToken = request.clientToken
        imageID = machine.image.id
        instanceType = machine.instanceType
        zone = machine.zone
        subnetID = machine.subnet
        securityGroupIDs = machine.securityGroups
        keyName = machine.keyName
        instanceProfile = machine.instanceProfile.isEmpty ? nil : machine.instanceProfile
        userData = Array(request.userData.utf8)
        shutdownBehavior = request.shutdownBehavior == .terminate ? .terminate : .stop
        if request.market == .spot {
            var options = SimulatedEC2.SpotOptions()
            options.maxPrice = machine.maxPrice?.description
            spot = options
        }
        if let size = machine.diskSize {
            var device = SimulatedEC2.BlockDevice(
                deviceName: machine.image.rootDevice, volumeSize: size)
            device.volumeType = "gp3"
            device.deletesOnTermination = true
            blockDevices = [device]
        }
        metadata.requiresTokens = true
        metadata.showsTags = true
        guard !request.tags.isEmpty else { return }
        let tags = SimulatedEC2.KeyValue.list(request.tags)
        let kinds = ["instance", "volume", "network-interface"]
        tagSpecifications = (kinds + (spot == nil ? [] : ["spot-instances-request"])).map {
            SimulatedEC2.TagSpecification($0, tags)
        }
    }
}
