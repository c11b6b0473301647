import ArgumentParser
import Glibc
import Simulation
import Training

/// One large fleet in one world, undisturbed: what it takes of time and memory.
struct LargeFleet: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fleet",
        abstract: "Show what one large fleet takes of time and memory.",
        discussion: "Ends with exit code 1 when a promise was broken.")

    @Option(help: "How many runs; as many of them are declared each day.")
    var runs = 10_000

    @Option(help: "For how many days.")
    var days = 30

    func validate() throws {
        guard runs > 0, days > 0 else {
            throw ValidationError("counts must be greater than 0")
        }
    }

    func run() throws {
        let clock = ContinuousClock()
        let began = clock.now
        var trial = Trial(scenario)
        let verdict = trial.run()
        let seconds = (clock.now - began) / .seconds(1)
        let events = Double(verdict.events)
        print("runs                \(runs)")
        print("days                \(days)")
        print("instance-days       \(verdict.machineTime / 86_400_000)")
        print("events              \(verdict.events)")
        print("plans               \(verdict.plans)")
        print("polls left out      \(verdict.coalescedPolls)")
        print("seconds             \(Int(seconds))")
        print("events/s            \(Int(events / seconds))")
        print("peak memory, MiB    \(LargeFleet.peakMemory)")
        print("promises broken     \(verdict.broken.count)")
        for broken in verdict.broken.prefix(3) { print("  \(broken)") }
        if !verdict.broken.isEmpty { throw ExitCode.failure }
    }

    private var scenario: Scenario {
        Scenario(
            seed: 1, span: .hours(24 * days),
            workload: (0..<runs).compactMap { number in
                RunName("run-\(number)").map { LargeFleet.plan($0, day: number * days / runs) }
            })
    }

    /// A day of training with a checkpoint every six hours.
    private static func plan(_ name: RunName, day: Int) -> PlannedRun {
        var trainer = TrainerBehaviour()
        trainer.stepsPerHour = 60
        trainer.steps = 24 * 60
        trainer.saveEvery = 6 * 60
        trainer.saving = 60_000
        let spec = RunSpec(
            name: name, market: .spot, profile: "us-east-1",
            resources: Resources(choices: [MachineChoice(instanceType: "g5.xlarge")]),
            run: "./train", resume: "./train --resume {checkpoint}",
            checkpoint: CheckpointPolicy(path: "checkpoints/step-*", every: .hours(6)))
        return PlannedRun(spec, trainer, at: .hours(24 * day))
    }

    /// Of this process, in MiB.
    private static var peakMemory: Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss / 1024
    }
}
