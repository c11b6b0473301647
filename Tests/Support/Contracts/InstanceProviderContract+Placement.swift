import Training

/// What a region says that it offers.
extension InstanceProviderContract {
    func placement(_ check: inout Findings) async throws {
        let type = request.machine?.instanceType ?? "m5.large"
        var query = PlacementQuery(
            region: request.region, zones: [], subnets: [],
            image: request.machine.flatMap { ImageReference($0.image.id) },
            choices: [MachineChoice(instanceType: type)], markets: [.spot, .onDemand])
        if has(.noOfferings) {
            check(await failure(query)?.isUnsupported == true, "there are no offerings")
            return
        }
        let placement = try await provider.placement(for: query)
        check(placement.image.id == request.machine?.image.id, "the image is the one asked for")
        check(placement.image.rootSize > 0, "it has a size")
        let offerings = placement.offerings
        check(offerings.contains { $0.pool == request.pool }, "the request's pool is offered")
        let places = offerings.map { "\($0.pool.zone) \($0.pool.instanceType) \($0.pool.market)" }
        check(places == places.sorted(), "offerings are sorted by zone and type")
        check(
            offerings.allSatisfy {
                $0.pool.region == request.region && $0.pool.instanceType == type && $0.choice == 0
                    && !$0.subnet.isEmpty
            }, "an offering is what was asked for")
        check(Set(offerings.map(\.pool.market)) == [.spot, .onDemand], "both markets are offered")

        let zone = request.machine?.zone ?? ""
        query.zones = [zone]
        query.markets = [.onDemand]
        query.choices = [MachineChoice(instanceType: "z0.none"), MachineChoice(instanceType: type)]
        let narrow = try await provider.placement(for: query).offerings
        check(narrow.map(\.pool.zone) == [zone], "one zone and one market are one offering")
        check(narrow.map(\.choice) == [1], "it names the choice that it meets")
        query.subnets = [request.machine?.subnet ?? ""]
        let named = try await provider.placement(for: query).offerings
        check(named.map(\.subnet) == query.subnets, "a named subnet is the one that is used")

        try await impossible(query, &check)
    }

    private func impossible(_ query: PlacementQuery, _ check: inout Findings) async throws {
        var wrong: [(String, PlacementQuery)] = []
        func add(_ name: String, _ change: (inout PlacementQuery) -> Void) {
            var query = query
            change(&query)
            wrong.append((name, query))
        }
        add("an unknown type") { $0.choices = [MachineChoice(instanceType: "z0.none")] }
        add("unknown accelerators") {
            $0.choices = [MachineChoice(accelerators: Accelerators("Z99:1"))]
        }
        add("accelerators that the type has not") {
            $0.choices[1].accelerators = Accelerators("Z99:1")
        }
        add("a zone without a subnet") { $0.zones = [$0.region + "z"] }
        add("an unknown subnet") { $0.subnets = ["subnet-00000000000000000"] }
        add("an unknown image") { $0.image = ImageReference("ami-00000000000000000") }
        add("an unknown parameter") { $0.image = ImageReference("ssm:/no/such/image") }
        for (name, query) in wrong {
            check(await failure(query)?.isUnsupported == true, "\(name) is unsupported")
        }
    }

    private func failure(_ query: PlacementQuery) async -> ProviderFailure? {
        await thrown { () async throws(ProviderFailure) in
            try await provider.placement(for: query)
        }
    }
}
