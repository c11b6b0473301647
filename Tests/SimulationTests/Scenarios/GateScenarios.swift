import Testing
import Training

@testable import Simulation

/// Intent and gate: the ledger orders, the index answers, and only then a machine goes.
@Suite struct GateScenarios {
    @Test("a run is declared stopped → it drains, its machine stops, and starts again later")
    func stop() throws {
        var story = try Story("a", market: .onDemand)
        story.edit(at: .hours(1), .amend(.a, .state(.stopped)))
        story.edit(at: .hours(3), .amend(.a, .state(.running)))
        let outcome = story.play()
        #expect(outcome.launches(of: .a).count == 1)
        #expect(outcome.count("stop DeclaredStopped") >= 1)
        #expect(outcome.count("start ContinuesDrained") == 1)
    }

    @Test("a run on spot is declared stopped → its machine is gone, and a new one resumes")
    func stopSpot() throws {
        var story = try Story("a")
        story.edit(at: .hours(1), .amend(.a, .state(.stopped)))
        story.edit(at: .hours(3), .amend(.a, .state(.running)))
        #expect(story.play().launches(of: .a).map(\.attempt) == [1, 2])
    }

    @Test("its agent cannot hear of a drain, and on_timeout: hold → the machine stays")
    func hold() throws {
        var story = try Story("a", "b", hours: 4)
        story.spec { $0.stop.onTimeout = .hold }
        story.fault(at: .hours(1), for: .hours(2), .cut(.agent(.a), from: .store))
        story.edit(at: .hours(1) + 60, .amend(.a, .environment("new")))
        let outcome = story.play()
        #expect(outcome.count("terminate GateTimeLimit") == 0)
        #expect(outcome.count(left: "GateHeld") >= 1)
    }

    @Test("its agent cannot hear of a drain, and on_timeout: proceed → it goes after the limit")
    func proceed() throws {
        var story = try Story("a", "b", hours: 4)
        story.fault(at: .hours(1), for: .hours(2), .cut(.agent(.a), from: .store))
        story.edit(at: .hours(1) + 60, .amend(.a, .environment("new")))
        let outcome = story.play()
        #expect(outcome.launches(of: .a).map(\.attempt) == [1, 2])
    }

    @Test("a run is removed and its agent stands still → its machine goes after the limit")
    func removed() throws {
        var story = try Story("a", "b", hours: 4)
        story.fault(at: .hours(1), for: .hours(2), .freeze(.agent(.a)))
        story.edit(at: .hours(1) + 60, .remove(.a))
        let outcome = story.play()
        #expect(outcome.count("terminate GateTimeLimit") == 1)
        #expect(outcome.up.count == 1)
    }

    @Test("a notice comes while a machine drains → it only shortens the drain")
    func notice() throws {
        var story = try Story("a")
        story.scenario.workload[0].trainer.onSignal = .save(milliseconds: 55_000, code: 0)
        story.edit(at: .hours(1), .amend(.a, .environment("new")))
        story.fault(at: .hours(1) + 60, .interrupt(.a, notice: 120_000))
        #expect(story.play().launches(of: .a).map(\.attempt) == [1, 2])
    }
}
