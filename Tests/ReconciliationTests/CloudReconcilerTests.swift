import Planning
import TestSupport
import Testing
import Training

@testable import Reconciliation

/// The loop with offerings, regions and the end of a scope.
@Suite struct CloudReconcilerTests {
    static let placement = Placement(
        image: MachineImage(id: "ami-1", reference: nil, rootDevice: "/dev/xvda", rootSize: 8),
        offerings: [
            Offering(
                pool: CapacityPool(
                    region: "us-east-1", zone: "us-east-1a", instanceType: "g5.xlarge",
                    market: .onDemand), subnet: "subnet-1", price: Dollars("1.006"),
                onDemandPrice: Dollars("1.006"), choice: 0)
        ])

    private func site() async -> Site {
        var site = Site()
        site.cloud = CloudContext(agent: Digest(of: "agent"), defaultRegion: "us-east-1")
        await site.provider.setPlacement { _ in CloudReconcilerTests.placement }
        site.repository.commit([.demo()])
        return site
    }

    @Test(
        "plan on EC2 → the region is asked, price and machine are in the plan, nothing is written")
    func plan() async throws {
        let site = await site()
        let result = await site.once(ReconcilerGoal(mode: .plan))
        let action = try #require(result.plan?.visibleActions.first)
        #expect(action.offering?.pool.instanceType == "g5.xlarge")
        #expect(result.plan?.cost?.after == Dollars("1.006"))
        #expect(await site.store.keys.isEmpty)
        #expect(await site.provider.instances.isEmpty)
    }

    @Test("once on EC2 → the region is on record before the launch, asked once")
    func once() async throws {
        let site = await site()
        let result = await site.once()
        #expect(result.problems.isEmpty)
        #expect(await site.provider.instances.map(\.region) == ["us-east-1"])
        let questions = await site.provider.calls.filter {
            if case .place = $0 { true } else { false }
        }
        #expect(questions.count == 1)
    }

    @Test(
        "the store's clock is far ahead of ours → what a region offers counts all the same"
    )
    func skew() async throws {
        let site = await site()
        await site.store.setTime(Timestamp(milliseconds: 1_795_000_000_000 + 86_400_000))
        await site.once()
        #expect(await site.provider.instances.count == 1)
    }

    @Test("a start in place finds no capacity → on record, and another pool is asked at once")
    func startRefused() async throws {
        let site = await site()
        var placement = CloudReconcilerTests.placement
        placement.offerings += placement.offerings
        placement.offerings[1].pool.zone = "us-east-1b"
        await site.provider.setPlacement { [placement] _ in placement }
        await site.once()
        await site.agentActs()
        site.repository.commit([.demo { $0.state = .stopped }])
        await site.once()
        await site.agentActs()
        await site.once()
        await site.store.advance(.minutes(3))
        await site.once()
        #expect(await site.provider.instances.map(\.state) == [.stopped])
        await site.provider.setCapacity { $0.machine?.zone != "us-east-1a" }
        site.repository.commit([.demo()])
        let result = await site.once()
        #expect(result.problems == [])
        let launches = try #require(await site.ledger()?.openAttempt?.launches)
        #expect(launches.map(\.refusal?.kind) == [.capacity, nil])
        #expect(launches.map(\.request?.machine?.zone) == [nil, "us-east-1b"])
        #expect(await site.provider.instances.last?.state == .running)
    }

    @Test("a machine lost its tags → found by its id, the run is not resumed elsewhere")
    func lookup() async throws {
        let site = await site()
        await site.once()
        await site.agentActs()
        let id = await site.provider.instances[0].id
        await site.provider.retag(id, [Tag.scope: "someone-else"])
        await site.store.advance(.minutes(6))
        await site.agentActs()
        let result = await site.once()
        #expect(await site.provider.calls.contains(.inspect(id)))
        #expect(await site.provider.instances.count == 1)
        #expect(result.plan?.foreign.map(\.instance) == [id])
    }

    @Test("teardown → drained first, then nothing is left, whatever the manifests say")
    func teardown() async throws {
        let site = await site()
        await site.once()
        await site.agentActs()
        let goal = ReconcilerGoal(mode: .teardown(wait: 0))
        let first = await site.once(goal)
        #expect(first.problems == [])
        #expect(await site.ledger()?.openAttempt?.intent?.verb == .drainThenTerminate)
        #expect(await site.provider.instances.map(\.state) == [.running])
        await site.agentActs()
        await site.once(goal)
        await site.store.advance(.minutes(3))
        let result = await site.once(goal)
        #expect(await site.provider.instances.map(\.state) == [.terminated])
        #expect(result.isConverged && result.problems.isEmpty)

        // Closed attempts need no region; what else lives there, nobody knows.
        await site.provider.setFaults { $0 == .describe ? .dropped : nil }
        let blind = await site.once(goal)
        #expect(!blind.isConverged)
        #expect(blind.unknownRegions.keys.sorted() == ["us-east-1"])
    }

    @Test("teardown where nothing was reconciled → an error, nothing written")
    func nothing() async {
        let site = await site()
        let result = await site.once(ReconcilerGoal(mode: .teardown(wait: 0)))
        #expect(result.problems.count == 1)
        #expect(await site.store.keys.isEmpty)
    }

    @Test("the policy names another state than the one that is driven → refused")
    func otherState() async {
        let site = await site()
        var policy = ScopePolicy(scope: "lab")
        policy.state = S3Location("s3://another-bucket/x")
        site.repository.commit([.demo()], policy: policy)
        let result = await site.once()
        #expect(result.problems.first?.contains("s3://another-bucket/x") == true)
        #expect(await site.provider.instances.isEmpty)
    }
}
