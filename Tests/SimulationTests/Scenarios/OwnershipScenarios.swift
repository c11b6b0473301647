import Testing
import Training

@testable import Simulation

/// Ownership: only what our ledger launched is ours.
@Suite struct OwnershipScenarios {
    @Test("a person launches more like a machine → the copy never trains, and nobody touches it")
    func copy() throws {
        var story = try Story("a")
        story.fault(at: .hours(1), .console(.a, .copy))
        let outcome = story.play()
        #expect(outcome.launches(of: .a).count == 1)
        #expect(outcome.up.count == 1)
    }

    @Test("a person takes a machine's tag away → it is left alone and reported")
    func untagged() throws {
        var story = try Story("a", "b")
        story.fault(at: .hours(1), .console(.a, .untag))
        story.edit(at: .hours(2), .remove(.a))
        let outcome = story.play()
        #expect(outcome.up.count == 2)
        #expect(outcome.count(left: "Retagged") >= 1)
    }

    @Test("a person protects a machine, then its run is removed → it stays")
    func protected() throws {
        var story = try Story("a", "b")
        story.fault(at: .hours(1), .console(.a, .protect))
        story.edit(at: .hours(2), .remove(.a))
        let outcome = story.play()
        #expect(outcome.up.count == 2)
        #expect(outcome.count(left: "Protected") >= 1)
    }

    @Test("the training on a protected machine fails → the next one has another; it says why")
    func protectedLeftover() throws {
        var story = try Story("a", "b")
        story.scenario.workload[0].trainer.trouble = .init(
            .exit(code: 1), at: 7200, untilAttempt: 1)
        story.fault(at: .hours(1), .console(.a, .protect))
        let outcome = story.play()
        #expect(outcome.launches(of: .a).map(\.attempt) == [1, 2])
        #expect(outcome.up.count == 3)
        #expect(outcome.count(left: "Protected") >= 1)
    }

    @Test("a person takes the tags from a machine that is kept → it is theirs")
    func handedOver() throws {
        var story = try Story("a", "b")
        story.spec { $0.onCompletion = .keep }
        story.scenario.workload[0].trainer.steps = 3600
        story.fault(at: .hours(2), .console(.a, .untag))
        story.edit(at: .hours(3), .amend(.a, .state(.terminated)))
        let outcome = story.play()
        #expect(outcome.up.count == 2)
        #expect(outcome.count("terminate DeclaredTerminated") == 0)
    }
}
