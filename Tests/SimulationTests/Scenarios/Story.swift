import Planning
import Testing
import Training

@testable import Simulation

/// A scenario written by hand for one rule of the design's section 7.
struct Story {
    var scenario: Scenario

    /// Runs that train for ten hours and save each hour, in a kind world.
    init(_ names: String..., hours: Int = 6, market: Market = .spot) throws {
        let runs = try names.map { PlannedRun(Story.spec(try #require(RunName($0)), market)) }
        scenario = Scenario(seed: 1, span: .hours(hours), workload: runs)
    }

    static func spec(_ name: RunName, _ market: Market = .spot) -> RunSpec {
        RunSpec(
            name: name, market: market, profile: "us-east-1",
            resources: Resources(choices: [MachineChoice(instanceType: "g5.xlarge")]),
            run: "./train", resume: "./train --resume {checkpoint}",
            checkpoint: CheckpointPolicy(path: "checkpoints/step-*", every: .hours(1)),
            stop: StopPolicy(grace: 60, onTimeout: .proceed))
    }

    /// Changes the manifest of the run that was named as the `number`th, from 0.
    mutating func spec(_ number: Int = 0, _ change: (inout RunSpec) -> Void) {
        change(&scenario.workload[number].spec)
    }

    mutating func fault(at moment: Seconds, for span: Seconds = 0, _ kind: Fault.Kind) {
        scenario.faults.append(Fault(at: moment, for: span, kind))
    }

    mutating func edit(at moment: Seconds, _ change: Edit.Change) {
        scenario.edits.append(Edit(at: moment, change))
    }

    /// What came of it; every promise held, and the fleet converged.
    func play(_ location: Testing.SourceLocation = #_sourceLocation) -> Outcome {
        var trial = Trial(scenario)
        let verdict = trial.run()
        #expect(verdict.broken.isEmpty, sourceLocation: location)
        #expect(verdict.convergedAfter != nil, sourceLocation: location)
        return Outcome(verdict: verdict, world: trial.world)
    }
}

/// What a story came to.
struct Outcome {
    let verdict: Verdict
    let world: World

    /// The launches of a run, oldest first.
    func launches(of run: RunName) -> [LaunchIntent] {
        let machines = world.with { $0.witness?.machines.machines ?? [:] }
        return machines.values.map(\.intent).filter { $0.run == run }.sorted()
    }

    /// Machines that are up, whoever launched them.
    var up: [SimulatedInstance] {
        world.with { state in
            state.cloud.regions.values.flatMap(\.instances.values).filter { $0.state == .running }
        }
    }

    /// How often something was done for a reason, as `verb Reason`.
    func count(_ action: String) -> Int { verdict.actions[action] }

    /// How often a run was left alone for a new reason.
    func count(left reason: String) -> Int { verdict.inactions[reason] }
}

extension RunName {
    static let a = legal("a")
    static let b = legal("b")
}
