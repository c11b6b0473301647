import Testing
import Training

@testable import Simulation

@Suite("What becomes of runs")
struct FleetStoryTests {
    private static let minute: Int64 = 60_000
    private static let hour: Int64 = 3_600_000

    /// Six hours of training that save each hour, a step a second.
    private func story(_ faults: [Fault], hours: Int = 12) throws -> FleetStory {
        var trainer = TrainerBehaviour()
        trainer.steps = 6 * 3600
        trainer.saveEvery = 3600
        trainer.saving = 30_000
        trainer.onSignal = .save(milliseconds: 30_000, code: 0)
        var spec = Story.spec(.a)
        spec.checkpoint?.step = "step-(?<step>[0-9]+)"
        let scenario = Scenario(
            seed: 4, span: .hours(hours), workload: [PlannedRun(spec, trainer)], faults: faults)
        var trial = Trial(scenario)
        let (verdict, story) = trial.runOpen(needed: [.a: trainer.steps])
        #expect(verdict.broken == [])
        return story
    }

    @Test("nothing happens → one machine, every step made once, paid by the hour")
    func quiet() throws {
        let story = try story([])
        let run = try #require(story.runs[.a])
        #expect(run.attempts == 1 && run.machines == 1)
        #expect(run.noticed == 0 && run.sudden == 0)
        #expect(run.progress == 21_600 && run.redone == 0)
        // Six hours and five or six saves of half a minute.
        #expect((6 * Self.hour + 150_000...6 * Self.hour + 190_000).contains(run.trained))
        let took = try #require(run.completedAt).milliseconds - Scenario.start.milliseconds
        #expect((run.trained...run.trained + 3 * Self.minute).contains(took))
        #expect(story.stays.count == 1)
        let stay = try #require(story.stays.first)
        let hours = Double(stay.span(until: Scenario.start + .hours(12))) / Double(Self.hour)
        #expect((6.04...6.2).contains(hours))
        #expect(abs(stay.cost - hours * 0.4024) < 0.000_001)
    }

    @Test("taken without a notice → what was made since the last save is made again")
    func sudden() throws {
        let story = try story([Fault(at: .minutes(150), .interrupt(.a, notice: nil))])
        let run = try #require(story.runs[.a])
        #expect(run.attempts == 2 && run.machines == 2)
        #expect(run.noticed == 0 && run.sudden == 1)
        // 150 minutes less the start and two saves, back to the second hour.
        #expect((26 * 60...29 * 60).contains(run.redone))
        #expect(run.progress == 21_600)
        #expect(story.stays.map(\.isTaken) == [true, false])
        let made = run.trained - Int64(run.redone) * 1000
        #expect((6 * Self.hour + 150_000...6 * Self.hour + 190_000).contains(made))
    }

    @Test("taken with two minutes of notice → all is saved, nothing is made again")
    func noticed() throws {
        let story = try story([Fault(at: .minutes(150), .interrupt(.a, notice: 120_000))])
        let run = try #require(story.runs[.a])
        #expect(run.noticed == 1 && run.sudden == 0)
        #expect(run.redone == 0 && run.progress == 21_600)
    }

    @Test("the span ends before the run → the steps of its living trainer count")
    func unfinished() throws {
        let story = try story([], hours: 2)
        let run = try #require(story.runs[.a])
        #expect(run.completedAt == nil)
        #expect((7200 - 180...7200 - 60).contains(run.progress))
    }
}
