import Planning
import Testing
import Training

@testable import Simulation

@Suite struct QuietTests {
    /// A fleet that converged long after the last change.
    private func converged(_ reason: InactionReason = .inSync) throws -> History {
        var history = try History()
        history.note(.disturbed)
        history.wait(.minutes(11))
        history.look()
        history.plan([], [Inaction(.char, because: reason)])
        history.wait(.hours(1))
        return history
    }

    @Test("nothing has changed, and the next plan is empty → silent; it acts → found")
    func quiet() throws {
        var history = try converged()
        history.look()
        history.plan([], [Inaction(.char, because: .inSync)])
        #expect(history.broken(.quiet).isEmpty)
        history.look()
        history.plan([.end("i-a", because: .specChanged)])
        #expect(history.broken(.quiet).map(\.run) == [.char])
    }

    @Test("a region is asked what it offers → silent: nothing is done to the run")
    func question() throws {
        var history = try converged(.held(.noOffering("no such machine")))
        history.look()
        let query = PlacementQuery(
            region: "us-east-1", zones: [], subnets: [], image: nil, choices: [], markets: [])
        history.plan([
            PlannedAction(.launch, .char, because: .firstAttempt, steps: [.resolve(query)])
        ])
        #expect(history.broken(.quiet).isEmpty)
    }

    @Test("converged only while the repository could not be read, then it is → silent")
    func healing() throws {
        var history = try History()
        history.note(.disturbed)
        history.wait(.minutes(11))
        history.look()
        history.note(.fetched(nil), by: history.reconciler)
        history.plan([], [Inaction(.char, because: .inSync)])
        history.wait(.minutes(2))
        history.look()
        history.note(.fetched(DesiredFleet([])), by: history.reconciler)
        history.plan([.end("i-a", because: .removed)])
        #expect(history.broken(.quiet).isEmpty)
    }

    @Test("something has changed since, or only shortly before the look → silent")
    func changed() throws {
        var history = try converged()
        history.note(.declared(DesiredFleet([])))
        history.look()
        history.plan([.end("i-a", because: .specChanged)])
        #expect(history.broken(.quiet).isEmpty)

        var fresh = try History()
        fresh.note(.disturbed)
        fresh.wait(60)
        fresh.look()
        fresh.plan([], [Inaction(.char, because: .inSync)])
        fresh.look()
        fresh.plan([.end("i-a", because: .specChanged)])
        #expect(fresh.broken(.quiet).isEmpty)
    }

    @Test("only another run has changed → found")
    func elsewhere() throws {
        var history = try converged()
        try history.index([], of: .other, by: History.agent("i-b"))
        history.look()
        history.plan([.end("i-a", because: .specChanged)])
        #expect(history.broken(.quiet).map(\.run) == [.char])
    }

    @Test("the run's own reason ends with time → silent")
    func patient() throws {
        var history = try converged(
            .suspended(reason: "data", until: History.start + .minutes(30)))
        history.look()
        history.plan([.end("i-a", because: .specChanged)])
        #expect(history.broken(.quiet).isEmpty)
    }
}
