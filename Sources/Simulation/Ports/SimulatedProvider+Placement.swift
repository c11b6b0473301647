package import Training

extension SimulatedProvider {
    /// What the region offers, with its own prices in place of the client's table.
    ///
    /// Counts as one describe: the client keeps most of what it asks for.
    package func placement(
        for query: PlacementQuery, in cloud: inout SimulatedCloud, at moment: Timestamp
    ) throws(ProviderFailure) -> Placement {
        let place = try ask(&cloud, moment) { ec2 throws(CloudFailure) in
            try ec2.spend(.describe)
            return ec2.place
        }
        let image = try machineImage(query.image, in: place, cloud.ssm)
        let subnets = try subnets(query, in: place)
        let ec2 = cloud[ec2: region]
        let types = place.types.filter { type in query.choices.contains { $0.fits(type) } }
        guard !types.isEmpty else {
            throw .unsupported("\(region) has no machine that meets a choice")
        }
        var offerings: [Offering] = []
        for subnet in subnets {
            for type in types where ec2.isOffered(type.name, in: subnet.zone) {
                let fitting = query.choices.indices.filter { index in
                    let choice = query.choices[index]
                    return choice.fits(type) && (choice.zone ?? subnet.zone) == subnet.zone
                }
                for market in query.markets {
                    let wanting = fitting.first { (query.choices[$0].market ?? market) == market }
                    guard let choice = wanting ?? fitting.first else { continue }
                    offerings.append(
                        ec2.offering(of: type, in: subnet, on: market, choice: choice))
                }
            }
        }
        guard !offerings.isEmpty else {
            throw .unsupported("no zone with a subnet to use offers what is asked for")
        }
        let full = Set(subnets.filter { $0.freeAddresses <= 0 }.map(\.id))
        offerings.removeAll { full.contains($0.subnet) }
        guard !offerings.isEmpty else {
            throw .unavailable("no free address in any subnet to use")
        }
        return Placement(
            image: image,
            offerings: offerings.sorted {
                ($0.pool.zone, $0.pool.instanceType, $0.pool.market.rawValue)
                    < ($1.pool.zone, $1.pool.instanceType, $1.pool.market.rawValue)
            })
    }

    /// The best subnet of each zone that the query allows: the one with the most free addresses.
    private func subnets(
        _ query: PlacementQuery, in place: SimulatedEC2.Place
    ) throws(ProviderFailure) -> [SimulatedEC2.Subnet] {
        if let unknown = query.subnets.first(where: { id in
            !place.subnets.contains { $0.id == id }
        }) {
            throw .unsupported("there is no subnet \(unknown) in \(region)")
        }
        let known = place.subnets.filter {
            query.subnets.isEmpty ? $0.isDefault : query.subnets.contains($0.id)
        }
        let allowed = known.filter { query.zones.isEmpty || query.zones.contains($0.zone) }
        guard !allowed.isEmpty else {
            throw .unsupported("no subnet in \(region) in the zones asked for")
        }
        var best: [String: SimulatedEC2.Subnet] = [:]
        for subnet in allowed.sorted(by: { $0.id < $1.id }) {
            if let known = best[subnet.zone], known.freeAddresses >= subnet.freeAddresses {
                continue
            }
            best[subnet.zone] = subnet
        }
        return best.values.sorted { $0.zone < $1.zone }
    }

    private func machineImage(
        _ reference: ImageReference?, in place: SimulatedEC2.Place, _ parameters: SimulatedSSM
    ) throws(ProviderFailure) -> MachineImage {
        let id: String
        switch reference?.kind {
        case .id(let given): id = given
        case .parameter(let name): id = try parameter(name, parameters)
        case nil: id = try parameter(SimulatedSSM.imageParameters[0], parameters)
        }
        guard let image = place.images.first(where: { $0.id == id }) else {
            throw .unsupported("\(region) has no image \(id)")
        }
        if image.state == "pending" { throw .unavailable("the image \(id) is pending") }
        guard image.state == "available", image.architecture == "x86_64" else {
            throw .unsupported("the image \(id) is \(image.state), for \(image.architecture)")
        }
        return MachineImage(
            id: id, reference: reference, rootDevice: image.rootDevice, rootSize: image.rootSize)
    }

    private func parameter(
        _ name: String, _ parameters: SimulatedSSM
    ) throws(ProviderFailure) -> String {
        do throws(CloudFailure) {
            return try parameters.getParameter(name, decrypting: true, in: region).value
        } catch {
            throw .unsupported("\(region) has no parameter \(name)")
        }
    }
}

extension SimulatedEC2 {
    fileprivate func offering(
        of type: MachineType, in subnet: Subnet, on market: Market, choice: Int
    ) -> Offering {
        let pool = Pool(market: SimulatedMarket(market), type: type.name, zone: subnet.zone)
        let onDemand = Dollars(type.price)
        return Offering(
            pool: CapacityPool(
                region: region, zone: subnet.zone, instanceType: type.name, market: market),
            subnet: subnet.id, price: market == .spot ? Dollars(spotPrice(of: pool)) : onDemand,
            onDemandPrice: onDemand, choice: choice)
    }
}

extension Dollars {
    fileprivate init(_ price: Double) {
        self.init(micros: Int((price * 1_000_000).rounded()))
    }
}

extension MachineChoice {
    /// What a run gets that asks for nothing, as the client of EC2 has it.
    private static let usual = "m6i.2xlarge"

    func fits(_ type: SimulatedEC2.MachineType) -> Bool {
        let name = instanceType ?? (accelerators == nil ? Self.usual : type.name)
        return type.name == name && (accelerators?.are(of: type) ?? true)
    }
}

extension Accelerators {
    /// Of two that share a name the larger has its memory in it, as SkyPilot spells them.
    fileprivate func are(of type: SimulatedEC2.MachineType) -> Bool {
        guard let gpus = type.gpus else { return false }
        let size = gpus.memory / 1024
        let plain = ["A100": 40, "V100": 16][gpus.name] ?? size
        let known = size == plain ? gpus.name : "\(gpus.name)-\(size)GB"
        return gpus.count == count && known.lowercased() == name.lowercased()
    }
}
