import Testing
import Training

@testable import Simulation

/// Silence: a heartbeat that is missing is not a dead trainer.
@Suite struct SilenceScenarios {
    @Test("most agents are cut off from the store at once → nobody is terminated")
    func sensor() throws {
        var story = try Story("a", "b", "c", "d", hours: 4)
        for run in story.scenario.workload.map(\.spec.name).dropLast() {
            story.fault(at: .hours(1), for: .hours(1), .cut(.agent(run), from: .store))
        }
        let outcome = story.play()
        #expect(outcome.count("terminate HeartbeatSilent") == 0)
        #expect(outcome.count(left: "SilentSensor") >= 3)
    }

    @Test("one agent is silent beyond the gate's limit → its machine is replaced, or held")
    func single() throws {
        for policy in [StopPolicy.OnTimeout.proceed, .hold] {
            var story = try Story("a", "b", "c", "d", hours: 4)
            story.spec { $0.stop.onTimeout = policy }
            story.fault(at: .hours(1), for: .hours(1), .cut(.agent(.a), from: .store))
            let outcome = story.play()
            let count = outcome.count("terminate HeartbeatSilent")
            #expect(count == (policy == .proceed ? 1 : 0))
            #expect(outcome.launches(of: .a).count == count + 1)
        }
    }

    @Test("an agent is silent for two minutes → nothing is done")
    func brief() throws {
        var story = try Story("a", hours: 4)
        story.fault(at: .hours(1), for: .minutes(2), .cut(.agent(.a), from: .store))
        #expect(story.play().launches(of: .a).count == 1)
    }
}
