import Planning
import Reconciliation
import Testing
import Training

@testable import Simulation

@Suite struct ReasonsTests {
    @Test("an order that the process planned → silent; to another machine or otherwise → found")
    func orders() throws {
        var history = try History()
        history.plan([.end("i-a", because: .removed)])
        history.note(.ordered(.terminate, InstanceID("i-a")), by: history.reconciler)
        #expect(history.broken(.reasons).isEmpty)
        history.note(.ordered(.stop, InstanceID("i-a")), by: history.reconciler)
        history.note(.ordered(.terminate, InstanceID("i-b")), by: history.reconciler)
        let machines = history.broken(.reasons).map(\.machine)
        #expect(machines == [InstanceID("i-a"), InstanceID("i-b")])
    }

    @Test("an order that only another process planned → found")
    func otherProcess() throws {
        var history = try History()
        history.plan([.end("i-a", because: .removed)])
        history.note(.ordered(.terminate, InstanceID("i-a")), by: .reconciler(2, life: 1))
        #expect(history.broken(.reasons).count == 1)
    }

    @Test("a checkpoint is deleted that the plan names → silent; another one → found")
    func deletions() throws {
        var history = try History()
        let action = PlannedAction(
            .retire, .char, because: .retention(keep: 2),
            steps: [.deleteCheckpoint(.number(1))])
        history.plan([action])
        try history.delete(.number(1), of: .char)
        #expect(history.broken(.reasons).isEmpty)
        try history.delete(.number(2), of: .char)
        #expect(history.broken(.reasons).count == 1)
    }

    @Test("a run is considered with an action or a reason → silent; with neither → found")
    func silence() throws {
        let names = try ["a", "b", "c"].map { try #require(RunName($0)) }
        var plan = Plan(
            [.end("i-a", names[0], because: .removed)], [Inaction(names[2], because: .inSync)])
        plan.phases = [names[0], names[2]].map { RunPhase(run: $0, phase: .training, reason: "") }
        var history = try History()
        history.note(.occurred(.planned(plan, instances: [])), by: history.reconciler)
        #expect(history.broken(.reasons).isEmpty)
        plan.phases = names.map { RunPhase(run: $0, phase: .training, reason: "") }
        history.note(.occurred(.planned(plan, instances: [])), by: history.reconciler)
        #expect(history.broken(.reasons).map(\.run) == [names[1]])
    }
}
