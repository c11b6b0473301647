import Planning
import Reconciliation
import Testing
import Training

@testable import Simulation

@Suite struct FuseLimitTests {
    /// Ten machines that train, under a fuse of a fifth: two may go within an hour.
    private func fleet() throws -> History {
        var history = try History()
        history.note(.declared(DesiredFleet([])))
        for number in 0..<10 {
            let run = try #require(RunName("run-\(number)"))
            history.launch("i-\(number)", run, attempt: 1)
            history.train("i-\(number)", run)
        }
        return history
    }

    private func end(
        _ numbers: Range<Int>, _ reason: ActionReason = .removed, of history: inout History
    ) {
        for number in numbers {
            let action = PlannedAction.end("i-\(number)", because: reason)
            history.note(.occurred(.acting(action)), by: history.reconciler)
        }
    }

    @Test("a third machine is ended within an hour → found")
    func blown() throws {
        var history = try fleet()
        end(0..<2, of: &history)
        #expect(history.broken(.fuse).isEmpty)
        history.wait(.minutes(59))
        end(2..<3, of: &history)
        #expect(history.broken(.fuse).map(\.machine) == [InstanceID("i-2")])
    }

    @Test("a third machine is ended an hour later, or one is ended twice → silent")
    func slow() throws {
        var history = try fleet()
        end(0..<2, of: &history)
        end(0..<2, of: &history)
        history.wait(.hours(1))
        end(2..<4, of: &history)
        #expect(history.broken(.fuse).isEmpty)
    }

    @Test("a person approved it, or the runs were declared terminated → silent")
    func allowed() throws {
        var approved = try fleet()
        approved.note(.approved(plan: "p"))
        end(0..<9, of: &approved)
        #expect(approved.broken(.fuse).isEmpty)

        var declared = try fleet()
        end(0..<9, .declaredTerminated, of: &declared)
        #expect(declared.broken(.fuse).isEmpty)
    }

    @Test("machines that ended within the hour count for the limit → silent")
    func shrinking() throws {
        var history = try fleet()
        for number in 5..<10 { history.note(befell: "i-\(number)", .powerCut(.terminated)) }
        end(0..<2, of: &history)
        #expect(history.broken(.fuse).isEmpty)
    }
}
