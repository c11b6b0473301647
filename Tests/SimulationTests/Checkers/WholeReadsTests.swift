import Planning
import Testing
import Training

@testable import Simulation

@Suite struct WholeReadsTests {
    private let other = RunSpec.named(.other)

    /// A reconciler that read `fleet`, and whose look so far was whole.
    private func looking(_ fleet: DesiredFleet?) throws -> History {
        var history = try History()
        history.launch("i-a", .char, attempt: 1)
        history.note(.fetched(fleet), by: history.reconciler)
        history.look()
        return history
    }

    private func found(_ history: inout History, _ reason: ActionReason) -> Bool {
        history.plan([.end("i-a", because: reason)])
        return !history.broken(.wholeReads).isEmpty
    }

    @Test(
        "a machine's region, a list or its run's record was not read whole → found",
        arguments: [
            WorldFact.Reading.machines(region: "us-east-1"), .list(prefix: "ledgers/"),
            .list(prefix: "index/"), .list(prefix: "heartbeats/"),
            .object(key: "ledgers/char.json"), .object(key: "index/char.json"),
        ])
    func partial(reading: WorldFact.Reading) throws {
        var history = try looking(DesiredFleet([other]))
        history.note(.read(reading, isWhole: false), by: history.reconciler)
        #expect(found(&history, .specChanged))
    }

    @Test("another region or run was not read whole → silent")
    func elsewhere() throws {
        var history = try looking(DesiredFleet([other]))
        history.note(
            .read(.machines(region: "eu-west-1"), isWhole: false), by: history.reconciler)
        history.note(
            .read(.object(key: "ledgers/other.json"), isWhole: false), by: history.reconciler)
        #expect(!found(&history, .specChanged))
    }

    @Test("checkpoints are retired on unread machines → silent; on an unread ledger → found")
    func retires() throws {
        let retire = PlannedAction(
            .retire, .char, attempt: 1, because: .retention(keep: 2), steps: [])
        for (reading, isFound) in [
            (WorldFact.Reading.machines(region: "us-east-1"), false),
            (.object(key: "ledgers/char.json"), true),
        ] {
            var history = try looking(DesiredFleet([other]))
            history.note(.read(reading, isWhole: false), by: history.reconciler)
            history.plan([retire])
            #expect(history.broken(.wholeReads).isEmpty == !isFound)
        }
    }

    @Test("the read was repeated, or failed in the look before → silent")
    func mended() throws {
        let reading = WorldFact.Reading.machines(region: "us-east-1")
        var repeated = try looking(DesiredFleet([other]))
        repeated.note(.read(reading, isWhole: false), by: repeated.reconciler)
        repeated.note(.read(reading, isWhole: true), by: repeated.reconciler)
        #expect(!found(&repeated, .specChanged))

        var before = try looking(DesiredFleet([other]))
        before.note(.read(reading, isWhole: false), by: before.reconciler)
        before.look()
        #expect(!found(&before, .specChanged))
    }

    @Test("a run is removed, and the repository says so → silent")
    func removed() throws {
        var history = try looking(DesiredFleet([other]))
        #expect(!found(&history, .removed))
    }

    @Test("a run is removed on an unread, empty or incomplete repository, or declared → found")
    func notRemoved() throws {
        let fleets = [
            nil, DesiredFleet([]), DesiredFleet([other], isIncomplete: true),
            DesiredFleet([other, .named(.char)]),
        ]
        for fleet in fleets {
            var history = try looking(fleet)
            #expect(found(&history, .removed))
        }
    }
}
