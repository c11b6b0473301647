import Testing
import Training

@testable import Simulation

/// The fuse: many machines go at once only when a person says so.
@Suite struct FuseScenarios {
    private func fleet() throws -> Story {
        try Story("a", "b", "c", "d", "e", hours: 8)
    }

    @Test("four of five runs are removed at once → nothing goes until a person approves it")
    func blown() throws {
        var story = try fleet()
        for run in story.scenario.workload.map(\.spec.name).dropFirst() {
            story.edit(at: .hours(1), .remove(run))
        }
        let outcome = story.play()
        #expect(outcome.up.count == 1)
        #expect(outcome.count(left: "TerminationLimit") >= 4)
    }

    @Test("one of five runs is removed → it goes at once")
    func whole() throws {
        var story = try fleet()
        story.edit(at: .hours(1), .remove(.b))
        let outcome = story.play()
        #expect(outcome.up.count == 4)
        #expect(outcome.count(left: "TerminationLimit") == 0)
    }

    @Test("a reconciler dies as it has counted a removal → that counts from when it is done")
    func countedTooEarly() throws {
        var story = try fleet()
        story.scenario.policy.maxTerminations = .count(1)
        story.edit(at: .hours(1), .remove(.b))
        story.fault(
            at: .hours(1), for: .minutes(20),
            .crash(.reconciler(1), call: 2, of: .store(.put), isAfterEffect: true))
        story.edit(at: .hours(1) + .minutes(10), .remove(story.scenario.workload[2].spec.name))
        let outcome = story.play()
        #expect(outcome.verdict.crashes["store put after"] == 1)
        #expect(outcome.up.count == 3)
    }

    @Test("every run changes at once → they are relaunched only when a person approves it")
    func relaunch() throws {
        var story = try fleet()
        for run in story.scenario.workload.map(\.spec.name) {
            story.edit(at: .hours(1), .amend(run, .environment("new")))
        }
        let outcome = story.play()
        #expect(outcome.launches(of: .a).map(\.attempt) == [1, 2])
        #expect(outcome.count(left: "TerminationLimit") >= 5)
    }

    @Test("every machine is interrupted at once → all are replaced at once")
    func interruptions() throws {
        var story = try fleet()
        for run in story.scenario.workload.map(\.spec.name) {
            story.fault(at: .hours(1), .interrupt(run, notice: 120_000))
        }
        let outcome = story.play()
        #expect(outcome.up.count == 5)
        #expect(outcome.count(left: "TerminationLimit") == 0)
    }
}
