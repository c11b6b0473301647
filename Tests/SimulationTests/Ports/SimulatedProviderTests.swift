import Simulation
import TestSupport
import Testing
import Training

struct SimulatedProviderTests {
    private static let provider = SimulatedProvider(region: "us-east-1")

    private func cloud(
        seed: UInt64 = 1, _ change: (inout SimulatedEC2.Rules) -> Void = { _ in }
    ) -> SimulatedCloud {
        var rules = SimulatedEC2.Rules.real
        change(&rules)
        return SimulatedCloud(
            regions: ["us-east-1", "eu-west-1"], at: Region.start, seed: seed, rules: rules)
    }

    private func request(
        _ market: Market = .onDemand, in cloud: inout SimulatedCloud
    ) throws -> LaunchRequest {
        let query = PlacementQuery(
            region: "us-east-1", zones: [], subnets: [], image: nil,
            choices: [MachineChoice(accelerators: Accelerators("A10G:1"))], markets: [market])
        let placement = try Self.provider.placement(for: query, in: &cloud, at: cloud.now)
        let best = try #require(
            placement.offerings.min { ($0.price?.micros ?? .max) < ($1.price?.micros ?? .max) })
        return LaunchRequest(
            clientToken: "token", region: "us-east-1", market: market,
            shutdownBehavior: .terminate, tags: [Tag.scope: "s", Tag.run: "a"],
            userData: "#!/bin/sh\n",
            machine: MachineRequest(
                instanceType: best.pool.instanceType, zone: best.pool.zone, subnet: best.subnet,
                image: placement.image, diskSize: 100, securityGroups: [],
                instanceProfile: "holdfast-instance", keyName: nil, maxPrice: nil))
    }

    @Test(
        "machines of the simulated EC2, with all that EC2 may do → keep the port's promises",
        arguments: [Market.spot, .onDemand])
    func contract(market: Market) async throws {
        for seed: UInt64 in 1...8 {
            var cloud = cloud(seed: seed) { $0.emptyPage = 0.3 }
            let request = try request(market, in: &cloud)
            let shared = SharedCloud(cloud)
            let contract = InstanceProviderContract(
                SharedProvider(cloud: shared, provider: Self.provider), request: request,
                except: [.adoptsOtherBytes], backstage: SimulatedBackstage(cloud: shared),
                patience: .seconds(300), clock: shared)
            let findings = await contract.findings()
            #expect(findings == [], "seed \(seed)")
        }
    }

    @Test(
        "a provider that breaks any one promise → the contract finds it",
        arguments: FlawedProvider.Flaw.allCases)
    func flaws(flaw: FlawedProvider.Flaw) async throws {
        var cloud = cloud()
        let request = try request(flaw == .stopsSpot ? .spot : .onDemand, in: &cloud)
        let shared = SharedCloud(cloud)
        let provider = SharedProvider(cloud: shared, provider: Self.provider)
        let contract = InstanceProviderContract(
            FlawedProvider(provider: provider, flaw: flaw), request: request,
            except: [.adoptsOtherBytes], backstage: SimulatedBackstage(cloud: shared),
            patience: .seconds(120), clock: shared)
        let findings = await contract.findings()
        #expect(!findings.isEmpty)
    }

    @Test("a machine that describes show late → nil until then; its token gives it all the while")
    func visibility() throws {
        var cloud = cloud { $0.visibility = 300_000...300_000 }
        let request = try request(in: &cloud)
        let launched = try Self.provider.launch(request, in: &cloud, at: Region.start)
        for seconds in [1, 100, 299] {
            let now = Region.start + Seconds(seconds)
            #expect(
                try Self.provider.describe(instance: launched.id, in: &cloud, at: now) == nil)
            #expect(try Self.provider.describe(scope: "s", in: &cloud, at: now).isEmpty)
            #expect(
                try Self.provider.launch(request, in: &cloud, at: now).id == launched.id)
        }
        let now = Region.start + 300
        #expect(
            try Self.provider.describe(scope: "s", in: &cloud, at: now).map(\.id)
                == [launched.id])
    }

    @Test("more machines than a page, some pages empty → all of them, in the order of ids")
    func pages() throws {
        var cloud = cloud {
            $0.visibility = 0...0
            $0.emptyPage = 1
        }
        let request = try request(in: &cloud)
        var many = SimulatedEC2.RunInstances(request, on: try #require(request.machine))
        (many.minCount, many.maxCount, many.clientToken) = (1000, 1000, nil)
        for moment in [Region.start, Region.start + 1000] {
            _ = cloud.advance(to: moment)
            _ = try cloud[ec2: "us-east-1"].runInstances(many)
        }
        let now = Region.start + 1000
        let ids = try Self.provider.describe(scope: "s", in: &cloud, at: now).map(\.id)
        #expect(ids.count == 2000 && ids == ids.sorted())
    }

    @Test("more calls than EC2 takes → throttled, and a launch is not sent; a second later again")
    func throttles() throws {
        var cloud = cloud { _ in }
        var request = try request(in: &cloud)
        request.machine?.zone = "us-east-1z"
        for _ in 0..<5 {
            #expect(throws: LaunchFailure.self) {
                try Self.provider.launch(request, in: &cloud, at: Region.start)
            }
        }
        #expect {
            try Self.provider.launch(request, in: &cloud, at: Region.start)
        } throws: { error in
            if case LaunchFailure.notSent = error { true } else { false }
        }
        cloud[ec2: "us-east-1"].drainThrottle()
        #expect(throws: ProviderFailure.throttled) {
            try Self.provider.describe(scope: "s", in: &cloud, at: Region.start)
        }
        #expect(
            try Self.provider.describe(scope: "s", in: &cloud, at: Region.start + 1).isEmpty)
    }

    @Test("a call at a later moment → brings the cloud there, and tells no event twice")
    func moments() throws {
        var cloud = cloud()
        let request = try request(in: &cloud)
        let id = try Self.provider.launch(request, in: &cloud, at: Region.start).id
        let later = Region.start + 60
        let seen = try Self.provider.describe(instance: id, in: &cloud, at: later)
        #expect(seen?.state == .running && cloud.now == later)
        try Self.provider.terminate(id, in: &cloud, at: later)
        #expect(cloud.nextEvent == later)
        let kinds = cloud.advance(to: later).map(\.kind)
        #expect(kinds == [.booted(boot: 1), .shutdownAsked])
        #expect(cloud.advance(to: later).isEmpty)
    }

    @Test("a region that the account has not → a failure of each kind, and no new region")
    func unknownRegion() throws {
        var cloud = cloud()
        let elsewhere = SimulatedProvider(region: "mars-1")
        #expect(throws: ProviderFailure.self) {
            try elsewhere.describe(scope: "s", in: &cloud, at: Region.start)
        }
        #expect(throws: ProviderFailure.self) {
            try elsewhere.terminate(InstanceID("i-1"), in: &cloud, at: Region.start)
        }
        #expect(cloud.regions.keys.sorted() == ["eu-west-1", "us-east-1"])
    }
}

/// The world behind the simulated EC2.
private struct SimulatedBackstage: InstanceProviderContract.Backstage {
    let cloud: SharedCloud

    func use(
        up supply: InstanceProviderContract.Supply, _ isUsedUp: Bool, of request: LaunchRequest
    ) async throws {
        let machine = try #require(request.machine)
        let market: SimulatedMarket = request.market == .spot ? .spot : .onDemand
        cloud.with { cloud, _ in
            let none = isUsedUp ? 0 : nil
            switch supply {
            case .capacity:
                let pool = SimulatedEC2.Pool(
                    market: market, type: machine.instanceType, zone: machine.zone)
                cloud[ec2: request.region].setSlots(none, of: pool)
            case .addresses:
                let subnets = cloud[ec2: request.region].place.subnets
                for at in subnets.indices where subnets[at].id == machine.subnet {
                    cloud[ec2: request.region].place.subnets[at].freeAddresses = none ?? 99
                }
            case .quota:
                let family = SimulatedEC2.Quota.Family(type: machine.instanceType)
                cloud[ec2: request.region].rules.quotas[.init(market, family)] = none
            }
        }
    }

    func write(_ bytes: [UInt8], onConsoleOf id: InstanceID) async throws {
        cloud.with { cloud, _ in cloud[ec2: "us-east-1"].write(bytes, toConsoleOf: id) }
    }
}
