package import Training

/// What the region offers for a query.
extension EC2Provider {
    package func placement(
        for query: PlacementQuery
    ) async throws(ProviderFailure) -> Placement {
        let image = try await machineImage(query.image)
        let known = try await catalogue.types()
        let choice = try TypeChoice(query.choices, among: known, region: region)
        let types = choice.types
        let subnets = try await subnets(query)
        let zones = try await catalogue.zones(of: types)
        let wantsSpot = query.markets.contains(.spot)
        let spot = SpotPrices(wantsSpot ? try await catalogue.spotPrices(of: types) : [])
        var offerings: [Offering] = []
        for offer in zones {
            guard let subnet = subnets[offer.zone], let type = known[offer.type] else { continue }
            let onDemand = prices.price(of: offer.type, in: region)
            for market in query.markets where type.isSold(on: market) {
                guard
                    let position = choice.choice(
                        of: offer.type, zone: offer.zone, market: market)
                else { continue }
                offerings.append(
                    Offering(
                        pool: CapacityPool(
                            region: region, zone: offer.zone, instanceType: offer.type,
                            market: market),
                        subnet: subnet.id,
                        price: market == .spot ? spot[offer.type, offer.zone] : onDemand,
                        onDemandPrice: onDemand, choice: position))
            }
        }
        guard !offerings.isEmpty else {
            let there = Set(zones.map(\.zone)).sorted().joined(separator: ", ")
            let usable = subnets.keys.sorted().joined(separator: ", ")
            throw .unsupported(
                "no zone with a subnet to use (\(usable)) offers what is asked for; "
                    + (there.isEmpty ? "no other does" : "the types exist in \(there)"))
        }
        return Placement(
            image: image, offerings: try usable(offerings, subnets).sorted { $0.place < $1.place })
    }

    // MARK: Subnets

    /// The best subnet of each zone that the query allows: the one with the most free addresses.
    private func subnets(
        _ query: PlacementQuery
    ) async throws(ProviderFailure) -> [String: EC2.Subnet] {
        let known = try await catalogue.subnets(query.subnets.sorted())
        let allowed = known.filter { subnet in
            subnet.state == "available"
                && (query.zones.isEmpty || query.zones.contains(subnet.zone))
        }
        guard !allowed.isEmpty else {
            if known.isEmpty {
                throw .unsupported(
                    "\(region) has no default subnet: name subnets in the profile, or make some "
                        + "with aws ec2 create-default-subnet")
            }
            let there = Set(known.map(\.zone)).sorted().joined(separator: ", ")
            throw .unsupported("no available subnet in the zones asked for, only in \(there)")
        }
        return Dictionary(
            allowed.sorted { $0.id < $1.id }.map { ($0.zone, $0) },
            uniquingKeysWith: { $0.freeAddresses >= $1.freeAddresses ? $0 : $1 })
    }

    /// Without those whose subnet is full for now.
    private func usable(
        _ offerings: [Offering], _ subnets: [String: EC2.Subnet]
    ) throws(ProviderFailure) -> [Offering] {
        let usable = offerings.filter { (subnets[$0.pool.zone]?.freeAddresses ?? 0) > 0 }
        guard !usable.isEmpty else {
            let full = Set(offerings.map(\.subnet)).sorted().joined(separator: ", ")
            throw .unavailable("no free address in any subnet to use (\(full))")
        }
        return usable
    }

    // MARK: The image

    private func machineImage(
        _ reference: ImageReference?
    ) async throws(ProviderFailure) -> MachineImage {
        let image = try await catalogue.image(reference)
        guard image.state == "available" else {
            throw .unsupported("the image \(image.id) is \(image.state)")
        }
        guard image.architecture == "x86_64" else {
            throw .unsupported(
                "the image \(image.id) is made for \(image.architecture), not for x86_64")
        }
        guard let size = image.rootSize, !image.rootDevice.isEmpty else {
            throw .unsupported("the root of the image \(image.id) is not a volume of its own")
        }
        return MachineImage(
            id: image.id, reference: reference, rootDevice: image.rootDevice, rootSize: size)
    }
}

/// The newest spot price of each pool.
private struct SpotPrices {
    private var prices: [String: [String: EC2.SpotPrice]] = [:]

    init(_ list: [EC2.SpotPrice]) {
        for price in list {
            let known = prices[price.type]?[price.zone]
            if let known, known.since >= price.since { continue }
            prices[price.type, default: [:]][price.zone] = price
        }
    }

    subscript(type: String, zone: String) -> Dollars? { prices[type]?[zone]?.price }
}

extension Offering {
    fileprivate var place: (String, String, String) {
        (pool.zone, pool.instanceType, pool.market.rawValue)
    }
}
