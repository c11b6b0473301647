import Planning
import Reconciliation
import Testing
import Training

@testable import Simulation

@Suite struct WorldTests {
    private let begin = Timestamp(milliseconds: 1_795_000_000_000)

    /// A world with a reconciler that drives `names`, and counts its plans.
    private func world(_ names: [String], seed: UInt64 = 1) throws -> World {
        var cloud = SimulatedCloud(regions: ["us-east-1"], at: begin, seed: seed)
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
        world.with { $0.record = TrialRecord(keepsTimeline: false) }
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
        world.run(until: begin + 120)
        let states = world.with { $0.cloud[ec2: "us-east-1"].instances.values.map(\.state) }
        #expect(states == [.running, .running])
    }

    @Test("one seed twice → one history")
    func repeats() throws {
        func trace(_ seed: UInt64) throws -> TraceHash {
            let world = try world(["a", "b", "c"], seed: seed)
            world.run(until: begin + .hours(2))
            return world.with { $0.trace }
        }
        let first = try trace(7)
        #expect(first == (try trace(7)))
        #expect(first != (try trace(8)))
        #expect(first.count > 100)
    }

    @Test("all is seen, something is under way → the next looks grow rare, until news")
    func sleeps() throws {
        // Its agent reaches nothing: it is starting, and given up after a quarter of an hour.
        let world = try world(["a"])
        world.run(until: begin + 20)
        world.with { state in
            for id in state.cloud[ec2: "us-east-1"].instances.keys {
                state.network.cuts[1] = Network.Cut(.machine(id), from: nil)
            }
        }
        world.run(until: begin + .minutes(3))
        let early = plans(of: world)
        world.run(until: begin + .minutes(15))
        #expect((1...4).contains(plans(of: world) - early))
    }

    @Test("all is seen and as it should be → hardly a look, until news")
    func rests() throws {
        let world = try world([])
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

    @Test("a plan waits for a moment → the next look is then")
    func momentOfPlan() throws {
        #expect(Rest(of: try plan(.backoff(until: begin), .inSync)) == .until(begin))
        #expect(Rest(of: try plan(.inSync, .completed)) == .until(nil))
        #expect(Rest(of: try plan(.backoff(until: begin), .starting)) == .unclear)
        #expect(Rest(of: try plan(.unknown("no answer"))) == .unclear)
    }

    private func plan(_ reasons: InactionReason...) throws -> Plan {
        let run = try #require(RunName("a"))
        var plan = Planner.plan(
            desired: DesiredFleet(
                revision: Revision(ref: "main", commit: String(repeating: "a", count: 40)),
                policy: ScopePolicy(scope: "lab"), runs: [], isIncomplete: false),
            observed: Observation(at: Timestamp(milliseconds: 0)),
            context: FleetContext(
                scope: "lab", store: StoreIdentity(of: "s3://state"), storeURL: "s3://state",
                regions: [], pace: .remote))
        plan.inactions = reasons.map { Inaction(run, because: $0) }
        return plan
    }

    @Test("a checkpoint more is committed → seen, though later than a claim")
    func commitsCanWait() throws {
        let world = try world([])
        world.run(until: begin + .hours(3))
        let early = plans(of: world)
        world.with { $0.changed(canWait: true) }
        world.run(until: begin + .hours(3) + .minutes(19))
        #expect(plans(of: world) == early)
        world.run(until: begin + .hours(3) + .minutes(22))
        #expect(plans(of: world) == early + 1)
    }

    @Test("a look is answered in part, by chance → the next one is not left out")
    func sleepsNotOnParts() throws {
        let world = try world([])
        world.run(until: begin + .hours(2))
        world.with { state in
            state.network.replyLoss = 0.5
            state.changed()
        }
        let before = world.with(\.events)
        world.run(until: begin + .hours(3))
        #expect(world.with(\.events) - before >= 40)
    }

    @Test("a region is out of reach → looks grow rare; when it is back → looked at soon")
    func sleepsWhileShut() throws {
        let world = try world([])
        world.run(until: begin + .hours(2))
        world.with { state in
            state.network.cuts[1] = Network.Cut(.reconciler(1), from: .compute(region: "us-east-1"))
            state.changed()
        }
        let early = plans(of: world)
        world.run(until: begin + .hours(5))
        #expect((1...9).contains(plans(of: world) - early))
        world.with { state in
            state.network.cuts = [:]
            state.changed()
        }
        let late = plans(of: world)
        world.run(until: begin + .hours(5) + 100)
        #expect(plans(of: world) == late + 1)
    }

    private func plans(of world: World) -> Int { world.with { $0.record?.planned ?? 0 } }
}
