import AWS
import TestSupport
import Testing
import Training
import Transport

/// The provider on the double of AWS, which keeps EC2's rules.
struct EC2DoubleTests {
    private let double: AWSDoubleProcess
    private let provider: any InstanceProvider

    init() async throws {
        double = try await offPool { try AWSDoubleProcess() }
        let client = AWSClient(
            http: try HTTPClient(trust: TrustAnchors(file: nil, directory: nil)),
            credentials: FixedCredentials(
                AWSCredentials(
                    accessKeyID: AWSDoubleProcess.accessKeyID,
                    secretAccessKey: AWSDoubleProcess.secretAccessKey)),
            endpoints: Endpoints(everything: try HTTPURL(double.endpoint)), clock: RealClock())
        provider = EC2Providers(client, clock: RealClock())["us-east-1"]
    }

    private func placement(_ choice: MachineChoice) async throws -> Placement {
        try await provider.placement(
            for: PlacementQuery(
                region: "us-east-1", zones: [], subnets: [], image: nil, choices: [choice],
                markets: [.spot, .onDemand]))
    }

    private func request(_ market: Market, _ placement: Placement) throws -> LaunchRequest {
        let offerings = placement.offerings.filter { $0.pool.market == market }
        let best = try #require(
            offerings.min { ($0.price?.micros ?? .max) < ($1.price?.micros ?? .max) })
        return LaunchRequest(
            clientToken: "token-\(market.rawValue)", region: "us-east-1", market: market,
            shutdownBehavior: .terminate, tags: [Tag.scope: "s-\(market.rawValue)"],
            userData: "#!/bin/sh\n",
            machine: MachineRequest(
                instanceType: best.pool.instanceType, zone: best.pool.zone, subnet: best.subnet,
                image: placement.image, diskSize: 100, securityGroups: [],
                instanceProfile: "holdfast-instance", keyName: nil, maxPrice: nil))
    }

    @Test("machines of EC2's double → keep the port's promises on both markets")
    func contract() async throws {
        let placement = try await placement(MachineChoice(accelerators: Accelerators("A10G:1")))
        for market in [Market.spot, .onDemand] {
            let contract = InstanceProviderContract(
                provider, request: try request(market, placement))
            #expect(await contract.findings() == [], "\(market)")
        }
    }

    @Test("any machine will do → the default type with its prices")
    func anything() async throws {
        let placement = try await placement(MachineChoice())
        #expect(Set(placement.offerings.map(\.pool.instanceType)) == ["m6i.2xlarge"])
        #expect(placement.offerings.allSatisfy { $0.onDemandPrice == Dollars("0.384") })
    }
}
