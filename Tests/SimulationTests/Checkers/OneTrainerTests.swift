import Testing
import Training

@testable import Simulation

@Suite struct OneTrainerTests {
    private let a = History.agent("i-a")
    private let b = History.agent("i-b")

    @Test("an agent writes the index after another took it over → found")
    func zombie() throws {
        var history = try History()
        try history.index([], of: .char, by: a)
        try history.index([], of: .char, by: b)
        #expect(history.broken(.oneTrainer).isEmpty)
        try history.index([], of: .char, by: a)
        #expect(history.broken(.oneTrainer).map(\.machine) == [InstanceID("i-a")])
    }

    @Test("an agent comes back as a new life, or another run's index is written → silent")
    func successors() throws {
        var history = try History()
        try history.index([], of: .char, by: a)
        try history.index([], of: .char, by: History.agent("i-a", life: 2))
        try history.index([], of: .char, by: b)
        try history.index([], of: .other, by: a)
        #expect(history.broken(.oneTrainer).isEmpty)
    }

    @Test("two trainers live and both get checkpoints committed → found")
    func bothCommit() throws {
        var history = try History()
        history.train("i-a", .char)
        history.train("i-b", .char)
        try commit(1, by: a, of: &history)
        #expect(history.broken(.oneTrainer).isEmpty)
        try commit(2, by: b, of: &history)
        #expect(history.broken(.oneTrainer).count == 1)
    }

    @Test("the first committed only before the second began → silent")
    func overtaken() throws {
        var history = try History()
        history.train("i-a", .char)
        try commit(1, by: a, of: &history)
        history.wait(60)
        history.train("i-b", .char)
        try commit(2, by: b, of: &history)
        #expect(history.broken(.oneTrainer).isEmpty)
    }

    @Test("the first was gone when the second committed → silent")
    func inTurn() throws {
        var history = try History()
        history.train("i-a", .char)
        history.train("i-b", .char)
        try commit(1, by: a, of: &history)
        history.note(befell: "i-a", .powerCut(.terminated))
        try commit(2, by: b, of: &history)
        #expect(history.broken(.oneTrainer).isEmpty)
    }

    private func commit(_ number: Int, by agent: ProcessID, of history: inout History) throws {
        let ids = (1...number).map { CheckpointID.number($0) }
        try history.upload(.number(number), of: .char, by: agent)
        try history.index(ids, of: .char, by: agent)
    }
}
