import Testing
import Training

@testable import Simulation

/// Precedence: protected, suspended, removed, stopped, completed, held, and then the rest.
@Suite struct PrecedenceScenarios {
    @Test("a suspended run is removed → it is removed; one that loses its machine → nothing")
    func suspended() throws {
        var story = try Story("a", "b")
        story.edit(at: .hours(1), .amend(.a, .suspend(until: nil)))
        story.fault(at: .hours(2), .interrupt(.a, notice: nil))
        let outcome = story.play()
        #expect(outcome.launches(of: .a).count == 1)
        #expect(outcome.count(left: "Suspended") >= 1)
    }

    @Test("a person stops a machine whose run should run → it is resumed")
    func consoleStop() throws {
        var story = try Story("a", market: .onDemand)
        story.fault(at: .hours(2), .console(.a, .stop))
        #expect(story.play().up.count == 1)
    }

    @Test("a completed run's manifest changes → it is not run again; a generation does")
    func completed() throws {
        for (change, attempts) in [(Edit.Amendment.environment("new"), 1), (.generation, 2)] {
            var story = try Story("a", hours: 14)
            story.edit(at: .hours(12), .amend(.a, change))
            let outcome = story.play()
            #expect(outcome.launches(of: .a).count == attempts)
            #expect(outcome.count(left: "Completed") >= 1)
        }
    }

    @Test("a run is removed and restored → it goes on where it was")
    func restored() throws {
        var story = try Story("a", "b")
        story.edit(at: .hours(1) + .minutes(30), .remove(.a))
        story.edit(at: .hours(3), .restore(.a))
        let outcome = story.play()
        #expect(outcome.launches(of: .a).map(\.attempt) == [1, 2])
    }
}
