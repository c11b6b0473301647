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
}
