import Testing
import Training

@testable import Simulation

@Suite struct OneMachineTests {
    @Test("an intent yields a second machine → found")
    func second() throws {
        var history = try History()
        history.launch("i-a", .char, attempt: 1)
        history.launch("i-b", .char, attempt: 1)
        #expect(history.broken(.oneMachine).map(\.machine) == [InstanceID("i-b")])
    }

    @Test("a launch is sent twice and gives one machine, and the next ordinal another → silent")
    func hop() throws {
        var history = try History()
        history.launch("i-a", .char, attempt: 1)
        history.launch("i-a", .char, attempt: 1)
        history.launch("i-b", .char, attempt: 1, ordinal: 2)
        history.train("i-b", .char)
        #expect(history.broken(.oneMachine).isEmpty)
    }

    @Test("a surplus machine trains → found")
    func surplus() throws {
        var history = try History()
        history.launch("i-a", .char, attempt: 1)
        history.launch("i-b", .char, attempt: 1, ordinal: 2)
        history.train("i-a", .char)
        #expect(history.broken(.oneMachine).map(\.machine) == [InstanceID("i-a")])
    }

    @Test("a machine that was stopped and started trains for a later attempt → silent")
    func restarted() throws {
        var history = try History()
        history.launch("i-a", .char, attempt: 1)
        history.launch("i-b", .char, attempt: 2)
        history.note(befell: "i-a", .booted(boot: 2))
        history.train("i-a", .char)
        #expect(history.broken(.oneMachine).isEmpty)
    }
}
