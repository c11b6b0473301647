import AWS
import Simulation
import TestSupport
import Testing
import Training

/// The provider on the double of AWS, which keeps EC2's rules.
struct EC2DoubleTests {
    private static let region = "us-east-1"

    private let double: AWSDoubleProcess
    private let provider: any InstanceProvider

    init() async throws {
        double = try await offPool { try AWSDoubleProcess() }
        let providers = EC2Providers(try double.client(), clock: RealClock())
        provider = providers[Self.region]
    }

    private func query(_ choices: MachineChoice...) -> PlacementQuery {
        PlacementQuery(
            region: Self.region, zones: [], subnets: [], image: nil, choices: choices,
            markets: [.spot, .onDemand])
    }

    private func request(_ market: Market) async throws -> LaunchRequest {
        let placement = try await provider.placement(
            for: query(MachineChoice(accelerators: Accelerators("A10G:1"))))
        let offerings = placement.offerings.filter { $0.pool.market == market }
        let best = try #require(
            offerings.min { ($0.price?.micros ?? .max) < ($1.price?.micros ?? .max) })
        return LaunchRequest(
            clientToken: "token-\(market.rawValue)", region: Self.region, market: market,
            shutdownBehavior: .terminate,
            tags: [Tag.scope: "s-\(market.rawValue)", Tag.run: "a", Tag.name: "a b"],
            userData: "#!/bin/sh\n",
            machine: MachineRequest(
                instanceType: best.pool.instanceType, zone: best.pool.zone, subnet: best.subnet,
                image: placement.image, diskSize: 100, securityGroups: [],
                instanceProfile: "holdfast-instance", keyName: nil, maxPrice: nil))
    }

    @Test(
        "machines of EC2's double → keep the port's promises",
        arguments: [Market.spot, .onDemand])
    func contract(market: Market) async throws {
        // Its machines are told of late and by pages of which some are empty.
        try double.control(
            "POST", "regions/\(Self.region)/rules",
            """
            {"throttles": false, "visibility": [0, 300], "tagging": [0, 300], "emptyPage": 0.3,
             "shutdown": [100, 300]}
            """)
        let contract = InstanceProviderContract(
            provider, request: try await request(market), except: [.adoptsOtherBytes],
            backstage: DoubleBackstage(double: double))
        let findings = await contract.findings()
        #expect(findings == [])
    }

    @Test("any machine will do → the default type with its prices")
    func anything() async throws {
        let placement = try await provider.placement(for: query(MachineChoice()))
        #expect(Set(placement.offerings.map(\.pool.instanceType)) == ["m6i.2xlarge"])
        #expect(placement.offerings.allSatisfy { $0.onDemandPrice == Dollars("0.384") })
    }

    @Test("placements over the wire and of the simulated provider → the same to the last price")
    func placements() async throws {
        let queries = [
            query(MachineChoice()), query(MachineChoice(accelerators: Accelerators("a10g"))),
            query(MachineChoice(accelerators: Accelerators("A100-80GB:8"))),
            query(
                MachineChoice(instanceType: "g6.xlarge", market: .onDemand),
                MachineChoice(accelerators: Accelerators("L4:1"), zone: "us-east-1b"),
                MachineChoice(instanceType: "g6.xlarge")),
        ]
        var cloud = SimulatedCloud(
            regions: [Self.region], at: RealClock().now(), seed: 7, rules: .prompt)
        let simulated = SimulatedProvider(region: Self.region)
        for query in queries {
            let expected = try await provider.placement(for: query)
            let found = try simulated.placement(for: query, in: &cloud, at: cloud.now)
            #expect(found == expected)
        }
    }
}

/// The world behind the double's EC2, by its control API.
private struct DoubleBackstage: InstanceProviderContract.Backstage {
    let double: AWSDoubleProcess

    func use(
        up supply: InstanceProviderContract.Supply, _ isUsedUp: Bool, of request: LaunchRequest
    ) async throws {
        let pool = try #require(request.pool)
        let market = #""market": "\#(pool.market.rawValue)""#
        switch supply {
        case .capacity:
            try change(
                "capacity", pool, market, #""type": "\#(pool.instanceType)""#,
                #""zone": "\#(pool.zone)""#, isUsedUp ? #""slots": 0"# : nil)
        case .addresses:
            let subnet = request.machine?.subnet ?? ""
            try change(
                "addresses", pool, #""subnet": "\#(subnet)""#, "\"free\": \(isUsedUp ? 0 : 99)")
        case .quota:
            try change(
                "quota", pool, market, #""family": "G and VT""#, isUsedUp ? #""vcpus": 0"# : nil)
        }
    }

    func write(_ bytes: [UInt8], onConsoleOf id: InstanceID) async throws {
        struct Writing: Encodable { var text: String }
        let body = CanonicalJSON.encode(Writing(text: String(decoding: bytes, as: UTF8.self)))
        try double.control(
            "POST", "instances/\(id)/console", String(decoding: body, as: UTF8.self))
    }

    private func change(_ thing: String, _ pool: CapacityPool, _ fields: String?...) throws {
        let body = "{\(fields.compactMap { $0 }.joined(separator: ", "))}"
        try double.control("POST", "regions/\(pool.region)/\(thing)", body)
    }
}
