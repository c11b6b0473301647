import Testing
import Training

@testable import Planning

/// What a person reads before the bookkeeping is done.
@Suite struct ForesightTests {
    let run = RunName.fixture()

    private func foresee(_ world: World) -> Plan {
        Planner.foresee(
            desired: world.desired, observed: world.observed, context: World.context)
    }

    @Test("a lost attempt that is not closed yet -> its end and the resume that follows, both")
    func resume() throws {
        var world = World.training()
        let id = CheckpointID(attempt: 1, sequence: 1)
        world.commit(run, id)
        world.set(
            try #require(world.machine(run)).id, .terminated, "Server.SpotInstanceTermination")
        #expect(world.plan().verbs.isEmpty)
        let foreseen = foresee(world)
        #expect(foreseen.verbs == [.resume])
        #expect(foreseen.actions.map(\.verb).contains(.record))
        #expect(foreseen.phases.map(\.phase) == [.interrupted])
    }

    @Test("no bookkeeping due -> the plan itself")
    func nothing() {
        let world = World.training()
        #expect(foresee(world) == world.plan())
    }

    @Test("checkpoints to retire -> the plan's id stays, so that an approval outlives them")
    func identity() {
        var world = World.training()
        let before = world.plan().id
        for sequence in 1...9 {
            world.commit(
                run, CheckpointID(attempt: 1, sequence: sequence),
                parent: sequence > 1
                    ? CheckpointID(attempt: 1, sequence: sequence - 1) : nil)
        }
        let plan = world.plan()
        #expect(plan.verbs == [.retire])
        #expect(plan.id == before)
    }
}
