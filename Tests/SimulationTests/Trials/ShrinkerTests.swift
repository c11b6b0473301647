import Simulation
import Testing
import Training

@Suite("Shrinker")
struct ShrinkerTests {
    @Test("A break that needs two faults and a run → only these are left")
    func leavesWhatIsNeeded() throws {
        let drawn = Scenario.draw(seed: 11, weather: .storm)
        let run = try #require(drawn.workload.last?.spec.name)
        var scenario = drawn
        scenario.faults.insert(Fault(at: 400, for: 60, .cut(nil, from: .store)), at: 3)
        scenario.faults.append(Fault(at: 500, .rot(run)))
        var shrinker = Shrinker { candidate in
            let hasRun = candidate.workload.contains { $0.spec.name == run }
            let hasCut = candidate.faults.contains { $0.kind == .cut(nil, from: .store) }
            let hasRot = candidate.faults.contains { $0.kind == .rot(run) }
            return hasRun && hasCut && hasRot ? Scenario.start + 600 : nil
        }
        let least = shrinker.shrink(scenario)
        #expect(least.workload.map(\.spec.name) == [run])
        #expect(Set(least.faults.map(\.kind)) == [.cut(nil, from: .store), .rot(run)])
        #expect(least.edits.isEmpty)
        #expect(least.pools.isEmpty)
        #expect(least.reconcilers.count == 1)
        #expect(least.span <= 601)
        #expect(shrinker.tries <= shrinker.limit)
    }

    @Test("Few tries → it stops, and what it gives still breaks")
    func isBounded() {
        let scenario = Scenario.draw(seed: 12, weather: .busy)
        let needed = scenario.faults.count / 2
        var shrinker = Shrinker(limit: 10) { candidate in
            candidate.faults.count >= needed ? Scenario.start + 60 : nil
        }
        let least = shrinker.shrink(scenario)
        #expect(least.faults.count >= needed)
        #expect(shrinker.tries <= 11)
    }
}
