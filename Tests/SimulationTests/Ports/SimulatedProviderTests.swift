import Simulation
import TestSupport
import Testing
import Training

struct SimulatedProviderTests {
    private static let provider = SimulatedProvider(region: "us-east-1")

    private func cloud(
        _ rules: SimulatedEC2.Rules = .real, seed: UInt64 = 1
    ) -> SimulatedCloud {
        SimulatedCloud(regions: ["us-east-1"], at: Region.start, seed: seed, rules: rules)
    }

    private func request(
        _ market: Market, in cloud: inout SimulatedCloud, token: String = "token"
    ) throws -> LaunchRequest {
        let query = PlacementQuery(
            region: "us-east-1", zones: [], subnets: [], image: nil,
            choices: [MachineChoice(accelerators: Accelerators("A10G:1"))],
            markets: [market])
        let placement = try Self.provider.placement(for: query, in: &cloud, at: cloud.now)
        let best = try #require(
            placement.offerings.min { ($0.price?.micros ?? .max) < ($1.price?.micros ?? .max) })
        return LaunchRequest(
            clientToken: token, region: "us-east-1", market: market,
            shutdownBehavior: .terminate, tags: [Tag.scope: "s"], userData: "#!/bin/sh\n",
            machine: MachineRequest(
                instanceType: best.pool.instanceType, zone: best.pool.zone, subnet: best.subnet,
                image: placement.image, diskSize: 100, securityGroups: [],
                instanceProfile: "holdfast-instance", keyName: nil, maxPrice: nil))
    }

    @Test("machines of the simulated EC2 → keep the port's promises on both markets")
    func contract() async throws {
        for market in [Market.onDemand, .spot] {
            var cloud = cloud(.prompt)
            let request = try request(market, in: &cloud)
            let shared = SharedCloud(cloud)
            let contract = InstanceProviderContract(
                SharedProvider(cloud: shared, provider: Self.provider), request: request,
                clock: shared)
            #expect(await contract.findings() == [], "\(market)")
        }
    }
}
