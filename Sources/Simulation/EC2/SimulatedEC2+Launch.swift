import Training

extension SimulatedEC2 {
    /// Launches between `minCount` and `maxCount` machines of one pool, or gives those that the
    /// token launched before.
    ///
    /// They are `pending` and may not be visible to describes yet.
    package mutating func runInstances(
        _ request: RunInstances
    ) throws(CloudFailure) -> [SimulatedInstance] {
        try spend(.run, resources: request.maxCount)
        try request.checkShape()
        let scope = tokenScope(of: request)
        if let scope, !request.dryRun, let earlier = try replay(request, in: scope) {
            return earlier
        }
        let type = try checkReferences(request)
        try refuseIfDry(request.dryRun)
        let subnet = try chooseSubnet(request)
        let pool = Pool(
            market: request.market, type: type.name, zone: place.subnets[subnet].zone)
        try checkPrice(request, in: pool)
        let count = min(
            try quotaLeft(for: type, request), try addressesLeft(in: subnet, request),
            try slotsLeft(in: pool, request), request.maxCount)
        let made = create(count, request, type: type, pool: pool, subnet: subnet)
        if let scope {
            tokens[scope] = TokenRecord(
                request: request, instances: made.map(\.id), endedAt: nil)
        }
        return made
    }

    // MARK: What must exist

    private func checkReferences(_ request: RunInstances) throws(CloudFailure) -> MachineType {
        guard let image = place.images.first(where: { $0.id == request.imageID }) else {
            throw request.imageID.hasPrefix("ami-")
                ? CloudFailure(
                    "InvalidAMIID.NotFound",
                    "The image id '[\(request.imageID)]' does not exist")
                : CloudFailure(
                    "InvalidAMIID.Malformed", "Invalid id: \"\(request.imageID)\"")
        }
        guard image.state == "available" else {
            throw CloudFailure(
                "InvalidAMIID.Unavailable",
                "The image ID '\(image.id)' is not available (\(image.state)).")
        }
        guard let type = machineType(request.instanceType) else {
            throw .invalid("Invalid value '\(request.instanceType)' for InstanceType.")
        }
        for group in request.securityGroupIDs where !place.securityGroups.contains(group) {
            throw CloudFailure(
                "InvalidGroup.NotFound", "The security group '\(group)' does not exist")
        }
        if let key = request.keyName, !place.keyPairs.contains(key) {
            throw CloudFailure(
                "InvalidKeyPair.NotFound", "The key pair '\(key)' does not exist")
        }
        try checkProfile(request)
        try checkDevices(request, image: image)
        if request.market == .spot && !rules.hasSpotRole {
            throw CloudFailure(
                status: 403, "AuthFailure.ServiceLinkedRoleCreationNotPermitted",
                "The provided credentials do not have permission to create the service-linked "
                    + "role for EC2 Spot Instances.")
        }
        return type
    }

    private func checkProfile(_ request: RunInstances) throws(CloudFailure) {
        guard let profile = request.instanceProfile else { return }
        let isARN = profile.hasPrefix("arn:")
        let name = isARN ? String(profile.split(separator: "/").last ?? "") : profile
        let known = isARN ? "arn:aws:iam::\(account):instance-profile/\(name)" : name
        guard known == profile, place.instanceProfiles[name] != nil else {
            throw .invalid(
                "Value (\(profile)) for parameter iamInstanceProfile.\(isARN ? "arn" : "name") "
                    + "is invalid. Invalid IAM Instance Profile \(isARN ? "ARN" : "name")")
        }
    }

    private func checkDevices(
        _ request: RunInstances, image: Image
    ) throws(CloudFailure) {
        for device in request.blockDevices where device.deviceName == image.rootDevice {
            if let size = device.volumeSize, size < image.rootSize {
                throw CloudFailure(
                    "InvalidBlockDeviceMapping",
                    "Volume of size \(size)GB is smaller than snapshot, "
                        + "expect size >= \(image.rootSize)GB")
            }
        }
    }

    /// The subnet that the request names, or a default one of a zone that offers the type.
    private mutating func chooseSubnet(_ request: RunInstances) throws(CloudFailure) -> Int {
        if let zone = request.zone, !place.zones.contains(where: { $0.name == zone }) {
            throw .invalid("Invalid availability zone: [\(zone)]")
        }
        if let id = request.subnetID {
            guard let subnet = place.subnets.firstIndex(where: { $0.id == id }) else {
                throw CloudFailure(
                    "InvalidSubnetID.NotFound", "The subnet ID '\(id)' does not exist")
            }
            let zone = place.subnets[subnet].zone
            guard request.zone == nil || request.zone == zone else {
                throw .combination("The subnet '\(id)' is not in \(request.zone ?? "").")
            }
            guard isOffered(request.instanceType, in: zone) else {
                throw unsupported(request.instanceType, in: zone)
            }
            return subnet
        }
        let defaults = place.subnets.indices.filter {
            place.subnets[$0].isDefault
                && (request.zone == nil || place.subnets[$0].zone == request.zone)
        }
        guard !defaults.isEmpty else {
            throw CloudFailure(
                "MissingInput", "No subnets found for the default VPC. Please specify a subnet.")
        }
        let able = defaults.filter { isOffered(request.instanceType, in: place.subnets[$0].zone) }
        guard !able.isEmpty else {
            throw unsupported(request.instanceType, in: request.zone ?? region)
        }
        return able[Int(generator.span(0...Int64(able.count - 1)))]
    }

    func isOffered(_ type: String, in zone: String) -> Bool {
        machineType(type) != nil && place.notOffered[zone]?.contains(type) != true
    }

    private func unsupported(_ type: String, in zone: String) -> CloudFailure {
        CloudFailure(
            "Unsupported",
            "Your requested instance type (\(type)) is not supported in your requested "
                + "Availability Zone (\(zone)).")
    }

    // MARK: What there is left of

    private func checkPrice(_ request: RunInstances, in pool: Pool) throws(CloudFailure) {
        guard let text = request.spot?.maxPrice, let most = Double(text) else { return }
        let price = spotPrice(of: pool)
        guard most >= price else {
            throw CloudFailure(
                "SpotMaxPriceTooLow",
                "Your Spot request price of \(text) is lower than the minimum required Spot "
                    + "request fulfillment price of \(price).")
        }
    }

    private func quotaLeft(
        for type: MachineType, _ request: RunInstances
    ) throws(CloudFailure) -> Int {
        let quota = Quota(request.market, type.family)
        guard let most = rules.quotas[quota] else { return request.maxCount }
        let left = (most - usedVCPUs[quota, default: 0]) / type.vCPUs
        guard left >= request.minCount else { throw overQuota(request.market, most) }
        return left
    }

    func overQuota(_ market: SimulatedMarket, _ most: Int) -> CloudFailure {
        market == .spot
            ? CloudFailure("MaxSpotInstanceCountExceeded", "Max spot instance count exceeded")
            : CloudFailure(
                "VcpuLimitExceeded",
                "You have requested more vCPU capacity than your current vCPU limit of \(most) "
                    + "allows for the instance bucket that the specified instance type belongs "
                    + "to.")
    }

    private func addressesLeft(
        in subnet: Int, _ request: RunInstances
    ) throws(CloudFailure) -> Int {
        let left = place.subnets[subnet].freeAddresses
        guard left >= request.minCount else {
            throw CloudFailure(
                "InsufficientFreeAddressesInSubnet",
                "There are not enough free addresses in subnet '\(place.subnets[subnet].id)' to "
                    + "satisfy the requested number of instances.")
        }
        return left
    }

    private func slotsLeft(
        in pool: Pool, _ request: RunInstances
    ) throws(CloudFailure) -> Int {
        guard let left = freeSlots(in: pool) else { return request.maxCount }
        guard left >= request.minCount else { throw noCapacity(in: pool) }
        return left
    }

    func noCapacity(in pool: Pool) -> CloudFailure {
        CloudFailure(
            status: rules.capacityStatus, "InsufficientInstanceCapacity",
            "We currently do not have sufficient \(pool.type) capacity in the Availability Zone "
                + "you requested (\(pool.zone)).")
    }
}
