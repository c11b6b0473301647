import Simulation
import Testing
import Training

@Suite("Scenarios")
struct ScenarioTests {
    @Test("The same seed → the same scenario; another seed → another one")
    func repeats() {
        for weather in Weather.allCases {
            let first = Scenario.draw(seed: 7, weather: weather)
            #expect(first == Scenario.draw(seed: 7, weather: weather))
            #expect(first != Scenario.draw(seed: 8, weather: weather))
        }
    }

    @Test("Drawn scenarios → half have at least 20 runs, 3 days, 15 faults and 3 crashes")
    func sizes() {
        let scenarios = Weather.allCases.flatMap { weather in
            (1...400).map { Scenario.draw(seed: $0, weather: weather) }
        }
        func median(_ size: (Scenario) -> Int) -> Int {
            scenarios.map(size).sorted()[scenarios.count / 2]
        }
        #expect(median { $0.workload.count } >= 20)
        #expect(median { $0.span.count } >= 3 * 86_400)
        #expect(median { $0.faults.count } >= 15)
        #expect(median { $0.faults.count(where: \.kind.isCrash) } >= 3)
    }

    @Test("Anything that is drawn → within the span, and about what there is")
    func isWhole() {
        for seed in 1...200 as ClosedRange<UInt64> {
            let scenario = Scenario.draw(seed: seed, weather: .storm)
            let names = Set(scenario.workload.map(\.spec.name))
            #expect(names.count == scenario.workload.count)
            for fault in scenario.faults {
                #expect((0...scenario.span.count).contains(fault.at.count))
                #expect(fault.kind.run.map(names.contains) ?? true)
                let number = fault.kind.reconciler ?? 1
                #expect((1...scenario.reconcilers.count).contains(number))
            }
            for edit in scenario.edits { #expect(edit.change.run.map(names.contains) ?? true) }
        }
    }

    @Test("A scenario as JSON and back → the same scenario")
    func roundTrip() throws {
        let scenario = Scenario.draw(seed: 42, weather: .storm)
        let bytes = CanonicalJSON.encode(scenario, pretty: true)
        #expect(try CanonicalJSON.decode(Scenario.self, from: bytes) == scenario)
    }
}
