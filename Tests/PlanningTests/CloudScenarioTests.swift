import Testing
import Training

@testable import Planning

/// Offerings, refusals and consoles: what only a cloud has.
@Suite struct CloudScenarioTests {
    let run = RunName.fixture()

    @Test("declared on EC2 → the region is asked, then the cheapest spot offering is frozen")
    func cheapest() throws {
        var world = World.cloud()
        #expect(world.plan().actions.map(\.isPreparation) == [true])
        world.settle()
        let request = try #require(world.launches.first?.request)
        #expect(request.machine?.instanceType == "g5.xlarge")
        #expect(request.machine?.zone == "us-east-1b")
        #expect(request.market == .spot && request.region == "us-east-1")
        #expect(world.launches.first?.hourly == Dollars("0.30"))
    }

    @Test("the pool is dry → the next ordinal of the same attempt in another pool, and so on")
    func hop() throws {
        var world = World.cloud()
        world.refuse(.capacity) { $0.zone != "us-east-1c" }
        world.settle()
        #expect(world.ledger(run)?.attempts.count == 1)
        #expect(world.launches.map(\.ordinal) == [1, 2])
        #expect(world.launches.map(\.isClosed) == [true, false])
        #expect(world.launches.last?.request?.machine?.zone == "us-east-1c")
        let tokens = Set(world.launches.compactMap { $0.request?.clientToken })
        #expect(tokens.count == 2)
    }

    @Test("an order that leaves a region and comes back → kept, whatever a region's own order is")
    func order() throws {
        var world = World.cloud {
            $0.resources.isOrdered = true
            $0.resources.choices = [
                MachineChoice(region: "us-east-1", zone: "us-east-1c"),
                MachineChoice(region: "us-west-2"),
                MachineChoice(region: "us-east-1", zone: "us-east-1b"),
            ]
        }
        world.refuse(.capacity) { $0.region != "us-west-2" }
        world.settle()
        #expect(
            world.launches.map { $0.request?.pool?.zone } == ["us-east-1c", "us-west-2b"])
    }

    @Test("every pool is dry → waits with a reason, and tries again when one may have recovered")
    func allDry() throws {
        var world = World.cloud()
        world.refuse(.capacity) { _ in true }
        world.settle()
        guard case .noCapacity(let until, let pools) = world.plan().inactions.first?.reason else {
            Issue.record("\(world.plan().inactions)")
            return
        }
        #expect(pools == 2)
        world.refuse(.capacity) { _ in false }
        world.pass(until.since(world.observed.at))
        world.settle()
        #expect(world.machine(run)?.state == .running)
        #expect(world.ledger(run)?.attempts.count == 1)
    }

    @Test("the quota of every pool is full, or every subnet → told as that, not as no capacity")
    func limited() throws {
        var world = World.cloud()
        world.refuse(.quota) { _ in true }
        world.settle()
        guard case .quotaExhausted(let until, let quotas) = world.plan().reason() else {
            Issue.record("\(world.plan().inactions)")
            return
        }
        #expect(quotas == ["spot g5 in us-east-1"])
        #expect(world.plan().nextMoment == until && !world.plan().isConverged)
        world.refuse(.subnet) { _ in true }
        world.pass(.minutes(11))
        world.settle()
        guard case .subnetsFull(_, let subnets) = world.plan().reason() else {
            Issue.record("\(world.plan().inactions)")
            return
        }
        #expect(!subnets.isEmpty)
        world.refuse(.quota) { $0.zone == "us-east-1a" }
        world.pass(.minutes(11))
        world.settle()
        #expect(world.machine(run)?.state == .running)
    }

    @Test("spot is dry, fallback: on-demand → on demand; without it never")
    func fallback() throws {
        var world = World.cloud { $0.resources.fallback = .onDemand }
        world.refuse(.capacity) { $0.market == .spot }
        world.settle()
        #expect(world.machine(run)?.market == .onDemand)
        var strict = World.cloud()
        strict.refuse(.capacity) { $0.market == .spot }
        strict.settle()
        #expect(strict.machine(run) == nil)
    }

    @Test("a quota is full → no other zone of that family and market is tried")
    func quota() throws {
        var world = World.cloud()
        world.refuse(.quota) { _ in true }
        world.settle()
        #expect(world.launches.count == 1)
    }

    @Test("unanswered, then refused elsewhere → no second token while the first may have a machine")
    func unanswered() throws {
        var world = World.cloud()
        world.apply(world.plan())
        world.freeze()
        world.observed.unsentTokens = []
        let plan = world.plan()
        #expect(plan.actions.first?.reason == .openLaunch(ordinal: 1))
        world.refuse(.capacity) { _ in true }
        world.settle()
        #expect(world.launches.count == 1)
        guard case .launchInDoubt = world.plan().inactions.first?.reason else {
            Issue.record("\(world.plan().inactions)")
            return
        }
        world.pass(Observation.visibilityDelay + 1)
        world.settle()
        #expect(world.launches.count > 1)
    }

    @Test("above max_hourly_cost → nothing is launched, and the prices are in the reason")
    func tooExpensive() throws {
        var world = World.cloud { $0.resources.maxHourlyCost = Dollars("0.10") }
        world.settle()
        #expect(world.machine(run) == nil)
        let reason = try #require(world.plan().inactions.first?.reason.description)
        #expect(reason.contains("$0.30") && reason.contains("0.10"))
    }

    @Test("one region is down → its runs wait, the others go on")
    func regions() throws {
        var world = World.cloud()
        world.declare(.fixture("west") { $0.profile = "west" })
        world.observed.unknownRegions["us-west-2"] = "down"
        world.settle()
        #expect(world.machine(run)?.state == .running)
        #expect(world.machine(.fixture("west")) == nil)
        #expect(world.plan().inactions.contains { $0.run == .fixture("west") })
    }

    @Test("an image was resolved for an earlier attempt → the same one, whatever is current now")
    func frozenImage() throws {
        var world = World.cloud()
        world.settle()
        world.train(run)
        let id = try #require(world.machine(run)?.id)
        world.set(id, .terminated, "Server.SpotInstanceTermination")
        world.pass(.minutes(10))
        world.image = "ami-new"
        world.settle()
        let images = world.observed.runs[run]?.ledger?.attempts.map {
            $0.launches.last?.request?.machine?.image.id
        }
        #expect(images == ["ami-1", "ami-1"])
    }

    @Test("up for 15 min, never claimed → its console is kept in the ledger before it goes")
    func console() throws {
        var world = World.cloud()
        world.settle()
        world.pass(.minutes(16))
        let first = world.plan()
        #expect(first.actions.map(\.isPreparation) == [true])
        world.apply(first)
        world.apply(world.plan())
        #expect(world.launches.first?.console == "Kernel panic")
        #expect(world.machine(run)?.state == .running, "the intent comes first")
        world.apply(world.plan())
        #expect(world.machine(run)?.state == .terminated)
    }

    @Test("a person took the tags away → still evidence that it runs, reported, not touched")
    func retagged() throws {
        var world = World.cloud()
        world.settle()
        world.train(run)
        for position in world.observed.instances.indices {
            world.observed.instances[position].tags = [:]
        }
        world.desired.runs = [DesiredRun(spec: .fixture { $0.state = .terminated })]
        let plan = world.plan()
        #expect(plan.actions.isEmpty)
        #expect(plan.foreign.count == 1)
        guard case .retagged = plan.inactions.first?.reason else {
            Issue.record("\(plan.inactions)")
            return
        }
    }

    @Test("`state` of the policy was changed while a machine trains → no second trainer")
    func otherStore() throws {
        var world = World.cloud()
        world.settle()
        for position in world.observed.instances.indices {
            world.observed.instances[position].tags[Tag.store] = "0000000000000000"
            world.observed.instances[position].clientToken = "frozen elsewhere"
        }
        world.observed.runs = [:]
        let plan = world.plan()
        #expect(plan.actions.isEmpty)
        guard case .held(.storeChanged) = plan.inactions.first?.reason else {
            Issue.record("\(plan.inactions)")
            return
        }
    }

    @Test("more dry runs than max_launches → all of them hop on once there is capacity")
    func drought() throws {
        var world = World.cloud()
        world.desired.policy.maxLaunches = 1
        world.declare(.fixture("other") { $0.profile = "east" })
        world.refuse(.capacity) { _ in true }
        for _ in 0..<4 {
            world.settle()
            world.pass(.minutes(4))
        }
        world.refuse(.capacity) { _ in false }
        for _ in 0..<3 {
            world.settle()
            for name in ["demo", "other"] { world.train(.fixture(name)) }
            world.pass(.minutes(1))
        }
        #expect(world.machine(.fixture("demo"))?.state == .running)
        #expect(world.machine(.fixture("other"))?.state == .running)
        #expect(world.launches.first?.request?.userData == "")
    }

    @Test("a launch is answered long after it was frozen → its agent has fifteen minutes from then")
    func lateAnswer() throws {
        var world = World.cloud()
        world.apply(world.plan())
        world.freeze()
        world.pass(.minutes(20))
        world.settle()
        #expect(world.machine(run)?.state == .running)
        world.pass(.minutes(10))
        world.settle()
        #expect(world.machine(run)?.state == .running)
    }

    @Test("on_failure: keep with retries left → the next begins, the machine stays, and why")
    func keptWithRetries() throws {
        var world = World.cloud { $0.onFailure = .keep(.hours(2)) }
        world.settle()
        world.train(run)
        let first = try #require(world.machine(run)?.id)
        world.release(run, .failed)
        world.settle()
        world.pass(.minutes(10))
        world.settle()
        #expect(world.ledger(run)?.attempts.count == 2)
        #expect(
            world.plan().inactions.contains { if case .kept = $0.reason { true } else { false } })
        #expect(world.observed.instances.first { $0.id == first }?.state == .running)
    }

    @Test("a machine was started in place and its region is not read → unknown, never not found")
    func startedInPlace() throws {
        var world = try World.stopped(run)
        let id = try #require(world.machine(run)?.id)
        world.settle()
        #expect(world.launches.last?.request == nil && world.launches.last?.instance == id)
        world.observed.unknownRegions["us-east-1"] = "down"
        let seen = world.observed.instances
        world.observed.instances = []
        for _ in 0..<4 {
            world.pass(.minutes(4))
            #expect(world.plan().actions.isEmpty)
        }
        world.observed.instances = seen
    }

    @Test("on_failure: keep 2h → the machine stays for two hours after a failure, then goes")
    func kept() throws {
        var world = World.cloud {
            $0.onFailure = .keep(.hours(2))
            $0.retries.limit = 0
        }
        world.settle()
        world.train(run)
        world.release(run, .failed)
        world.settle()
        world.pass(.minutes(30))
        #expect(world.plan().actions.isEmpty)
        #expect(
            world.plan().inactions.contains { if case .kept = $0.reason { true } else { false } })
        world.pass(.hours(2))
        world.settle()
        #expect(world.machine(run)?.state == .terminated)
    }
}

extension CloudScenarioTests {
    @Test("the agent cannot see notices -> nothing is done, and the run says why")
    func blind() throws {
        var world = World.training()
        let machine = try #require(world.machine(run))
        world.observed.runs[run]?.heartbeats[1] = ObservedHeartbeat(
            at: world.observed.at,
            body: Heartbeat(
                instance: machine.id, boot: "b", phase: .working, blindness: "turned off"))
        #expect(world.plan().isConverged)
        #expect(world.plan().reason() == .blind("turned off"))
    }

    @Test("the agent cannot find checkpoints -> nothing is done, and the run says why")
    func unsaved() throws {
        var world = World.training()
        let machine = try #require(world.machine(run))
        world.observed.runs[run]?.heartbeats[1] = ObservedHeartbeat(
            at: world.observed.at,
            body: Heartbeat(
                instance: machine.id, boot: "b", phase: .working, scanFailure: "too many"))
        #expect(world.plan().isConverged)
        #expect(world.plan().reason() == .unsaved("too many"))
    }
}

extension World {
    /// Two zones of spot and on demand, asked for by one run with a profile.
    static func cloud(_ change: @escaping (inout RunSpec) -> Void = { _ in }) -> World {
        var world = World()
        world.context.cloud = CloudContext(agent: Digest(of: "agent"), defaultRegion: nil)
        world.context.regions = ["us-east-1", "us-west-2"]
        world.observed.regions = ["us-east-1", "us-west-2"]
        world.desired.profiles = [
            "east": Profile(name: "east", region: "us-east-1"),
            "west": Profile(name: "west", region: "us-west-2"),
        ]
        world.declare(
            .fixture {
                $0.market = .spot
                $0.profile = "east"
                $0.resources.choices = [
                    MachineChoice(accelerators: Accelerators(name: "A10G", count: 1))
                ]
                change(&$0)
            })
        return world
    }

    func offers(_ query: PlacementQuery) -> Placement? {
        let prices: [(String, Market, String)] = [
            ("b", .spot, "0.30"), ("c", .spot, "0.35"), ("b", .onDemand, "1.006"),
            ("c", .onDemand, "1.006"),
        ]
        return Placement(
            image: MachineImage(
                id: image, reference: query.image, rootDevice: "/dev/sda1", rootSize: 100),
            offerings: prices.compactMap { zone, market, price in
                let choice = query.choices.firstIndex {
                    ($0.zone ?? query.region + zone) == query.region + zone
                }
                guard let choice else { return nil }
                return Offering(
                    pool: CapacityPool(
                        region: query.region, zone: query.region + zone,
                        instanceType: "g5.xlarge", market: market),
                    subnet: "subnet-\(zone)", price: Dollars(price),
                    onDemandPrice: Dollars("1.006"), choice: choice)
            })
    }

    /// From now on launches into these pools are refused.
    mutating func refuse(
        _ kind: Launch.Refusal.Kind, _ isRefused: @escaping @Sendable (CapacityPool) -> Bool
    ) {
        refusal = { isRefused($0) ? kind : nil }
    }

    var launches: [Launch] { ledger(.fixture())?.attempts.last?.launches ?? [] }
}
