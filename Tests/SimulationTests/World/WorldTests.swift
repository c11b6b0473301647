import Planning
import Reconciliation
import Testing
import Training

@testable import Simulation

@Suite struct WorldTests {
    /// A world with a reconciler that drives `names`, and nobody on its machines.
    private func world(_ names: [String], seed: UInt64 = 1) throws -> World {
        let start = Timestamp(milliseconds: 1_795_000_000_000)
        var cloud = SimulatedCloud(regions: ["us-east-1"], at: start, seed: seed)
        try cloud.s3.createBucket("state", region: "us-east-1")
        let location = try #require(S3Location("s3://state/lab"))
        let bucket = SimulatedStore(location, region: "us-east-1")
        var repository = SimulatedRepository()
        let runs = try names.map { name in
            DesiredRun(
                spec: RunSpec(
                    name: try #require(RunName(name)), market: .spot, profile: "gpu",
                    resources: Resources(
                        choices: [MachineChoice(instanceType: "g5.xlarge")]),
                    run: "python train.py"))
        }
        repository.commit(
            runs, policy: ScopePolicy(scope: "lab"),
            profiles: ["gpu": Profile(name: "gpu", region: "us-east-1")])
        let world = World(cloud: cloud, bucket: bucket, repository: repository, seed: seed)
        world.start(
            reconciler: 1,
            ControlNode.Start(
                goal: ReconcilerGoal(mode: .continuous(interval: 60)),
                context: FleetContext(
                    scope: "lab", store: bucket.identity, storeURL: location.description,
                    storeRegion: "us-east-1", regions: [], pace: .remote,
                    cloud: CloudContext(agent: Digest(of: "agent"), defaultRegion: "us-east-1")),
                seed: seed))
        return world
    }

    @Test("runs without machines → one machine each is launched")
    func launches() throws {
        let world = try world(["a", "b"])
        world.run(until: Timestamp(milliseconds: 1_795_000_000_000 + 120_000))
        let states = world.with { $0.cloud[ec2: "us-east-1"].instances.values.map(\.state) }
        #expect(states == [.running, .running])
    }

    @Test("one seed twice → one history")
    func repeats() throws {
        func trace(_ seed: UInt64) throws -> TraceHash {
            let world = try world(["a", "b", "c"], seed: seed)
            world.run(until: Timestamp(milliseconds: 1_795_000_000_000 + 7_200_000))
            return world.with { $0.trace }
        }
        let first = try trace(7)
        #expect(first == (try trace(7)))
        #expect(first != (try trace(8)))
        #expect(first.count > 100)
    }

    @Test("all is seen → the next looks grow rare, until something changes")
    func sleeps() throws {
        let world = try world([])
        world.with { $0.record = TrialRecord(keepsTimeline: false) }
        let begin = Timestamp(milliseconds: 1_795_000_000_000)
        world.run(until: begin + .hours(2))
        let early = plans(of: world)
        world.run(until: begin + .hours(8))
        #expect(plans(of: world) - early <= 4)
        #expect(world.with(\.coalescedPolls) > 300)

        world.with { $0.changed() }
        let before = plans(of: world)
        world.run(until: begin + .hours(8) + 70)
        #expect(plans(of: world) == before + 1)
    }

    @Test("a look is answered in part → the next one is not left out")
    func sleepsNotOnParts() throws {
        let world = try world([])
        world.with { $0.record = TrialRecord(keepsTimeline: false) }
        let begin = Timestamp(milliseconds: 1_795_000_000_000)
        world.run(until: begin + .hours(2))
        world.with { state in
            state.network.cuts[1] = Network.Cut(.reconciler(1), from: .compute(region: "us-east-1"))
            state.changed()
        }
        let before = plans(of: world)
        world.run(until: begin + .hours(3))
        #expect(plans(of: world) - before >= 40)
    }

    private func plans(of world: World) -> Int { world.with { $0.record?.planned ?? 0 } }
}
