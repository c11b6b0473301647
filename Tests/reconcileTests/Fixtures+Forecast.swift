import Planning
import Training

@testable import Simulation
@testable import reconcile

extension Fixtures {
    /// Two runs on a trace: one is done, the other waits.
    static var forecast: ForecastView {
        let trace = AvailabilityTrace(
            zone: "us-east-1a",
            samples: [1, 0, 1].enumerated().map {
                AvailabilityTrace.Sample(at: Int64($0.offset) * 86_400_000, room: $0.element)
            }, span: 3 * 86_400_000, countsMachines: false)
        let runs = ["resnet", "whisper"].map {
            RunSpec(name: run($0), market: .spot, run: "./train")
        }
        let question = ForecastQuestion(
            runs: runs, policy: ScopePolicy(), profiles: [:], sky: .traces([trace]), seed: 7,
            span: .hours(72), prices: [:], region: "us-east-1", now: noon)
        var verdict = Verdict()
        verdict.actions.add("resume ContinuesInterrupted", 2)
        verdict.actions.add("launch FirstAttempt", 2)
        verdict.errors.add("launch: noCapacity", 14)
        return ForecastView(
            question: question,
            result: ForecastResult(
                runs: [resnet, whisper], verdict: verdict, timeline: nil, end: noon),
            assumptions: [
                "a run needs 24h of training (--compute)",
                "spot costs 40% of the price on demand in every zone that no trace has a price of",
            ], run: nil)
    }

    private static var resnet: ForecastResult.Run {
        var story = RunStory(needed: 86_400)
        story.attempts = 3
        story.machines = 3
        story.noticed = 1
        story.sudden = 1
        story.progress = 86_400
        story.redone = 2460
        story.completedAt = noon
        return ForecastResult.Run(
            name: run("resnet"),
            phase: RunPhase(run: run("resnet"), phase: .completed, attempt: 3, reason: "completed"),
            story: story,
            spot: ForecastResult.Expense(time: 91_000_000, cost: 10.126),
            onDemand: ForecastResult.Expense(),
            undisturbed: ForecastResult.Undisturbed(took: 87_000_000, cost: 24.333),
            took: 190_000_000)
    }

    private static var whisper: ForecastResult.Run {
        ForecastResult.Run(
            name: run("whisper"),
            phase: RunPhase(
                run: run("whisper"), phase: .pending,
                reason: "every one of 3 pools has refused a short while ago"),
            story: RunStory(needed: 86_400), spot: ForecastResult.Expense(),
            onDemand: ForecastResult.Expense(),
            undisturbed: ForecastResult.Undisturbed(took: 87_000_000, cost: nil), took: nil)
    }
}
