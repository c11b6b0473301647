package import Training

/// The describes of what there is to launch with.
extension SimulatedEC2 {
    package mutating func describeImages(
        ids: [String] = [], filters: [Filter] = []
    ) throws(CloudFailure) -> [Image] {
        try spend(.describe)
        let sieve = try Sieve<Image>(filters) { name in
            switch name {
            case "image-id": .one { $0.id }
            case "name": .one { $0.name }
            case "state": .one { $0.state }
            case "architecture": .one { $0.architecture }
            case "root-device-type": .one { _ in "ebs" }
            default: nil
            }
        }
        let known = Set(place.images.map(\.id))
        if let unknown = ids.first(where: { !known.contains($0) }) {
            throw CloudFailure(
                "InvalidAMIID.NotFound", "The image id '[\(unknown)]' does not exist")
        }
        return place.images.filter {
            (ids.isEmpty || ids.contains($0.id)) && sieve.passes($0)
        }
    }

    package mutating func describeInstanceTypes(
        _ names: [String] = [], filters: [Filter] = []
    ) throws(CloudFailure) -> [MachineType] {
        try spend(.describe)
        let sieve = try Sieve<MachineType>(filters) { name in
            switch name {
            case "instance-type": .one { $0.name }
            case "vcpu-info.default-vcpus": .one { String($0.vCPUs) }
            case "supported-usage-class": .many { _ in ["on-demand", "spot"] }
            case "processor-info.supported-architecture": .one { _ in "x86_64" }
            default: nil
            }
        }
        let unknown = names.filter { machineType($0) == nil }
        guard unknown.isEmpty else {
            throw CloudFailure(
                "InvalidInstanceType",
                "The following supplied instance types do not exist: "
                    + "[\(unknown.joined(separator: ", "))]")
        }
        return place.types.filter {
            (names.isEmpty || names.contains($0.name)) && sieve.passes($0)
        }
    }

    /// A type that is offered at a place: a zone, or the region.
    package struct Offer: Hashable, Sendable {
        package var type: String
        package var location: String
    }

    /// `byZone`: location type `availability-zone`; else the region's.
    package mutating func describeInstanceTypeOfferings(
        byZone: Bool, filters: [Filter] = []
    ) throws(CloudFailure) -> [Offer] {
        try spend(.describe)
        let sieve = try Sieve<Offer>(filters) { name in
            switch name {
            case "instance-type": .one { $0.type }
            case "location": .one { $0.location }
            default: nil
            }
        }
        let offers = place.zones.flatMap { zone in
            place.types.filter { isOffered($0.name, in: zone.name) }.map {
                Offer(type: $0.name, location: zone.name)
            }
        }
        guard !byZone else { return offers.filter { sieve.passes($0) } }
        let here = Set(offers.map(\.type))
        return place.types.filter { here.contains($0.name) }
            .map { Offer(type: $0.name, location: region) }.filter { sieve.passes($0) }
    }

    package mutating func describeSubnets(
        ids: [String] = [], filters: [Filter] = []
    ) throws(CloudFailure) -> [Subnet] {
        try spend(.describe)
        let sieve = try Sieve<Subnet>(filters) { name in
            if name.hasPrefix("tag:") {
                let key = String(name.dropFirst(4))
                return .one { $0.tags[key] }
            }
            switch name {
            case "subnet-id": return .one { $0.id }
            case "vpc-id": return .one { $0.vpc }
            case "availability-zone": return .one { $0.zone }
            case "default-for-az": return .one { String($0.isDefault) }
            case "state": return .one { _ in "available" }
            default: return nil
            }
        }
        let known = Set(place.subnets.map(\.id))
        if let unknown = ids.first(where: { !known.contains($0) }) {
            throw CloudFailure(
                "InvalidSubnetID.NotFound", "The subnet ID '\(unknown)' does not exist")
        }
        return place.subnets.filter {
            (ids.isEmpty || ids.contains($0.id)) && sieve.passes($0)
        }
    }

    /// A row of DescribeSpotPriceHistory.
    package struct SpotPrice: Hashable, Sendable {
        package var type: String
        package var zone: String
        package var price: Double
        package var since: Timestamp
    }

    /// The prices that held from `start` on, newest first; without it the current ones.
    package mutating func describeSpotPriceHistory(
        types: [String] = [], zone: String? = nil, start: Timestamp? = nil
    ) throws(CloudFailure) -> [SpotPrice] {
        try spend(.describe)
        return place.zones.filter { zone == nil || $0.name == zone }.flatMap { zone in
            place.types.filter {
                (types.isEmpty || types.contains($0.name)) && isOffered($0.name, in: zone.name)
            }.flatMap { type in
                history(
                    of: Pool(market: .spot, type: type.name, zone: zone.name),
                    since: start ?? now)
            }
        }
    }

    private func history(of pool: Pool, since start: Timestamp) -> [SpotPrice] {
        let beginning = PricePoint(since: place.epoch, price: usualSpotPrice(of: pool.type))
        let points = [beginning] + spotPrices[pool, default: []]
        // The one that held at the start, and all after it.
        let first = points.lastIndex { $0.since <= start } ?? 0
        return points[first...].reversed().map {
            SpotPrice(type: pool.type, zone: pool.zone, price: $0.price, since: $0.since)
        }
    }

    package struct ConsoleOutput: Hashable, Sendable {
        package var bytes: [UInt8]
        package var time: Timestamp
    }

    /// What a machine wrote to its console.
    package mutating func getConsoleOutput(
        _ id: InstanceID
    ) throws(CloudFailure) -> ConsoleOutput {
        try spend(.describe)
        let machine = try find([id])[0]
        return ConsoleOutput(bytes: machine.console, time: machine.consoleTime ?? now)
    }
}
