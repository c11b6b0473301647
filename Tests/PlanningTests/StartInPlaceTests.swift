import Testing
import Training

@testable import Planning

/// A stopped machine that may serve the next attempt.
@Suite struct StartInPlaceTests {
    let run = RunName.fixture()

    @Test("wanted again → started in place")
    func start() throws {
        var world = try World.stopped(run)
        world.settle()
        #expect(world.observed.instances.map(\.state) == [.running])
        #expect(world.ledger(run)?.openAttempt?.number == 2)
    }

    @Test(
        "its pool is dry, or a quota is full -> on record, the next offering, the old machine goes",
        arguments: [Launch.Refusal.Kind.capacity, .quota])
    func dry(kind: Launch.Refusal.Kind) throws {
        var world = try World.stopped(run)
        world.refuse(kind) { $0.zone == "us-east-1b" }
        world.settle()
        #expect(world.launches.map(\.refusal?.kind) == (kind == .quota ? [kind] : [kind, nil]))
        #expect(world.launches.map(\.isClosed) == (kind == .quota ? [true] : [true, false]))
        guard kind == .capacity else {
            // No other pool of its family would do before the quota has rested.
            guard case .quotaExhausted = world.plan().reason() else {
                Issue.record("\(world.plan())")
                return
            }
            return
        }
        #expect(world.launches.last?.request?.machine?.zone == "us-east-1c")
        #expect(world.observed.instances.map(\.state) == [.terminated, .running])
        #expect(world.ledger(run)?.openAttempt?.number == 2)
    }

    @Test("every pool is dry -> the machine is kept, and the run goes on when a pool has rested")
    func allDry() throws {
        var world = try World.stopped(run)
        world.refuse(.capacity) { _ in true }
        world.settle()
        guard case .noCapacity(let until, _) = world.plan().reason() else {
            Issue.record("\(world.plan())")
            return
        }
        #expect(world.observed.instances.map(\.state) == [.stopped])
        world.refusal = { _ in nil }
        world.pass(until.since(world.observed.at))
        world.settle()
        #expect(world.observed.instances.filter { $0.state == .running }.count == 1)
    }

    @Test("its pool refused another run just now -> not started: a machine of another pool")
    func resting() throws {
        var world = try World.stopped(run)
        world.refuse(.capacity) { $0.zone == "us-east-1b" }
        world.declare(
            .fixture("other") {
                $0.profile = "east"
                $0.resources.choices = [MachineChoice(zone: "us-east-1b")]
            })
        world.desired.runs[0].spec.suspend = Suspension(reason: "later", until: nil)
        world.settle()
        world.desired.runs[0].spec.suspend = nil
        world.settle()
        #expect(world.ledger(run)?.openAttempt?.number == 2)
        #expect(world.launches.map(\.request?.machine?.zone) == ["us-east-1c"])
    }

    @Test("the manifest changed meanwhile -> a machine as it asks for; the old one goes")
    func changed() throws {
        var world = try World.stopped(run)
        world.desired.runs[0].spec.resources.diskSize = 200
        world.settle()
        #expect(world.launches.map(\.request?.machine?.diskSize) == [200])
        #expect(world.observed.instances.map(\.state) == [.terminated, .running])
    }

    @Test("it lost its tags -> left alone; the run goes on elsewhere")
    func retagged() throws {
        var world = try World.stopped(run)
        world.observed.instances[0].tags[Tag.scope] = "someone-else"
        world.settle()
        #expect(world.observed.instances.map(\.state) == [.stopped, .running])
    }

    @Test("it is protected -> started: that harms nothing")
    func protected() throws {
        var world = try World.stopped(run)
        world.observed.instances[0].tags[Tag.protect] = "true"
        world.settle()
        #expect(world.observed.instances.map(\.state) == [.running])
    }

    @Test("it lost its tags before it was started -> nothing is tried in vain, and the run says so")
    func retaggedWhileOpen() throws {
        var world = try World.stopped(run)
        var plan = world.plan()
        plan.actions[0].steps.removeAll { if case .start = $0 { true } else { false } }
        world.apply(plan)
        world.observed.instances[0].tags[Tag.scope] = "someone-else"
        #expect(world.plan().reason() == .retagged(world.observed.instances[0].id))
        #expect(world.plan().actions.isEmpty)
    }
}

extension World {
    /// A run on demand whose machine was stopped as declared; wanted again by the next plan.
    static func stopped(_ run: RunName) throws -> World {
        var world = World.cloud { $0.market = .onDemand }
        world.settle()
        world.train(run)
        let id = try #require(world.machine(run)?.id)
        world.desired.runs[0].spec.state = .stopped
        world.settle()
        world.release(run, .drained)
        world.set(id, .stopped)
        world.settle()
        world.desired.runs[0].spec.state = .running
        return world
    }
}
