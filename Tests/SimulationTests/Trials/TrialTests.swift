import Testing
import Training

@testable import Simulation

@Suite("Trials")
struct TrialTests {
    private func run(_ name: String, hours: Int, market: Market = .spot) throws -> PlannedRun {
        var trainer = TrainerBehaviour()
        trainer.stepsPerHour = 60
        trainer.steps = hours * 60
        trainer.saveEvery = 60
        let spec = RunSpec(
            name: try #require(RunName(name)), market: market, profile: "us-east-1",
            resources: Resources(choices: [MachineChoice(instanceType: "g5.xlarge")]),
            run: "./train",
            checkpoint: CheckpointPolicy(path: "checkpoints/step-*", every: .hours(1)))
        return PlannedRun(spec, trainer)
    }

    private func judge(_ scenario: Scenario) -> Verdict {
        var trial = Trial(scenario)
        return trial.run()
    }

    @Test("Nothing goes wrong → every run completes, and no promise is broken")
    func calm() throws {
        let scenario = Scenario(
            seed: 1, span: .hours(12),
            workload: [try run("short", hours: 3), try run("long", hours: 8)])
        let verdict = judge(scenario)
        #expect(verdict.broken == [])
        #expect(verdict.convergedAfter != nil)
        #expect(verdict.actions["launch FirstAttempt"] == 2)
        #expect(verdict.inactions["Completed"] >= 2)
        #expect(verdict.machineTime >= 11 * 3_600_000)
    }

    @Test("A spot machine is taken → the run goes on elsewhere")
    func interrupted() throws {
        let name = try #require(RunName("only"))
        let scenario = Scenario(
            seed: 2, span: .hours(12), workload: [try run("only", hours: 6)],
            faults: [Fault(at: .hours(2), .interrupt(name, notice: 120_000))])
        let verdict = judge(scenario)
        #expect(verdict.broken == [])
        #expect(verdict.faults["interruption"] == 1)
        #expect(verdict.actions["resume ContinuesInterrupted"] == 1)
        #expect(verdict.inactions["Completed"] >= 1)
    }

    @Test("The reconciler dies at a call → it is started again, and goes on")
    func crash() throws {
        let scenario = Scenario(
            seed: 3, span: .hours(2), workload: [try run("only", hours: 10)],
            faults: [
                Fault(
                    at: 0, for: 60,
                    .crash(.reconciler(1), call: 1, of: .compute(.launch), isAfterEffect: true))
            ])
        let verdict = judge(scenario)
        #expect(verdict.broken == [])
        #expect(verdict.crashes["compute launch after"] == 1)
        #expect(verdict.convergedAfter != nil)
    }

    @Test("One scenario twice → one history; another seed → another one")
    func repeats() {
        let scenario = Scenario.draw(seed: 5, weather: .storm)
        let first = judge(scenario)
        #expect(first == judge(scenario))
        var other = scenario
        other.seed += 1
        #expect(first.trace != judge(other).trace)
    }

    @Test("a trial is over → nothing of its world is left", arguments: [UInt64(3), 11])
    func leavesNothing(seed: UInt64) {
        weak var world: World?
        do {
            var trial = Trial(Scenario.draw(seed: seed, weather: .storm))
            world = trial.world
            _ = trial.run()
        }
        #expect(world == nil)
    }

    @Test("a setup that always fails → it is tried as often as declared, then held")
    func failingSetup() throws {
        var planned = try run("short", hours: 3)
        planned.spec.setup = "./setup"
        planned.trainer.setup = 540_000
        planned.trainer.setupCode = 1
        planned.at = .minutes(90)
        let verdict = judge(Scenario(seed: 1, span: .hours(2), workload: [planned]))
        #expect(verdict.broken == [])
        #expect(verdict.inactions["Held"] == 1)
    }
}
