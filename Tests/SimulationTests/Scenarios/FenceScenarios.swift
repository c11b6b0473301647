import Testing
import Training

@testable import Simulation

/// Fence: attempts are numbered in the ledger, and only the claimant commits.
@Suite struct FenceScenarios {
    @Test("an agent dies → its next life goes on in the same attempt")
    func agentDies() throws {
        var story = try Story("a")
        story.fault(at: .hours(1), .crash(.agent(.a), call: 1, isAfterEffect: true))
        #expect(story.play().launches(of: .a).count == 1)
    }

    @Test("an agent is frozen until its machine was given up → it never commits again")
    func zombie() throws {
        var story = try Story("a")
        story.fault(at: .hours(1) + .minutes(30), for: .hours(1), .freeze(.agent(.a)))
        let outcome = story.play()
        #expect(outcome.launches(of: .a).map(\.attempt) == [1, 2])
    }

    @Test("a person stops a machine and starts it again → one trainer, in a later attempt")
    func stoppedAndStarted() throws {
        var story = try Story("a", market: .onDemand)
        story.fault(at: .hours(1), .console(.a, .stop))
        story.fault(at: .hours(1) + .minutes(2), .console(.a, .start))
        let outcome = story.play()
        #expect(outcome.up.count == 1)
    }

    @Test("a person terminates a machine → the next attempt resumes")
    func terminated() throws {
        var story = try Story("a")
        story.fault(at: .hours(2), .console(.a, .terminate))
        let outcome = story.play()
        #expect(outcome.launches(of: .a).map(\.attempt) == [1, 2])
    }
}
