import Testing
import Training

@testable import Simulation

@Suite struct NothingLostTests {
    private let agent = History.agent("i-a")

    /// Five checkpoints of one lineage, all in the index.
    private func history() throws -> History {
        var history = try History()
        for number in 1...5 {
            try history.upload(
                .number(number), of: .char, parent: number > 1 ? .number(number - 1) : nil,
                by: agent)
            try history.index((1...number).map { .number($0) }, of: .char, by: agent)
        }
        return history
    }

    @Test("one of the newest two is deleted → found; the third → silent")
    func newest() throws {
        for number in 1...5 {
            var history = try history()
            try history.delete(.number(number), of: .char)
            #expect(history.broken(.nothingLost).isEmpty == (number <= 3))
        }
    }

    @Test("what a living trainer went on from is deleted → found; once it is gone → silent")
    func parent() throws {
        for isAlive in [true, false] {
            var history = try history()
            history.train("i-a", .char, from: .number(2))
            if !isAlive { history.note(befell: "i-a", .powerCut(.stopped)) }
            try history.delete(.number(2), of: .char)
            #expect(history.broken(.nothingLost).isEmpty == !isAlive)
        }
    }

    @Test("what resume_from names is deleted → found; once it is not named → silent")
    func named() throws {
        var spec = RunSpec.named(.other)
        spec.resumeFrom = CheckpointReference(run: .char, checkpoint: .number(1))
        for isNamed in [true, false] {
            var history = try history()
            history.note(.declared(DesiredFleet([spec])))
            if !isNamed { history.note(.declared(DesiredFleet([]))) }
            try history.delete(.number(1), of: .char)
            #expect(history.broken(.nothingLost).isEmpty == !isNamed)
        }
    }

    @Test("a manifest or a file of it is overwritten → found; another object there → silent")
    func overwritten() throws {
        let key = StoreLayout.checkpoint(.char, .number(2))
        var history = try history()
        try history.put(key + "late.pt", [1], by: agent)
        try history.upload(.number(2), of: .char, parent: .number(1), by: agent)
        #expect(history.broken(.nothingLost).isEmpty)
        try history.put(key + "model.pt", [1], by: agent)
        #expect(history.broken(.nothingLost).count == 1)
        try history.put(StoreLayout.manifest(.char, .number(2)), [1], by: agent)
        #expect(history.broken(.nothingLost).count == 2)
    }

    @Test("the index forgets the newest checkpoint → found; an old one → silent")
    func forgotten() throws {
        var history = try history()
        try history.index((2...5).map { .number($0) }, of: .char, by: agent)
        #expect(history.broken(.nothingLost).isEmpty)
        try history.index((2...4).map { .number($0) }, of: .char, by: agent)
        #expect(history.broken(.nothingLost).count == 1)
    }

    @Test("an upload that no index ever listed is deleted → silent")
    func uncommitted() throws {
        var history = try history()
        try history.upload(.number(6), of: .char, parent: .number(5), by: agent)
        try history.delete(.number(6), of: .char)
        #expect(history.broken(.nothingLost).isEmpty)
    }
}
