import Testing
import Training

@testable import Simulation

@Suite struct GrowthTests {
    @Test("a ledger has more attempts than it keeps → found; as many → silent")
    func attempts() throws {
        for (count, isFound) in [(Ledger.attemptLimit, false), (Ledger.attemptLimit + 1, true)] {
            let ledger = ledger(attempts: count, launches: 1)
            #expect((Growth().wrote(ledger, at: History.start) != nil) == isFound)
        }
    }

    @Test("an attempt has more launches than it may → found; as many → silent")
    func launches() throws {
        for (count, isFound) in [(Growth.launchLimit, false), (Growth.launchLimit + 1, true)] {
            let ledger = ledger(attempts: 1, launches: count)
            #expect((Growth().wrote(ledger, at: History.start) != nil) == isFound)
        }
    }

    @Test("an index lists more checkpoints than it may → found, from the store itself")
    func index() throws {
        var history = try History()
        let ids = (1...RunIndex.checkpointLimit + 1).map { CheckpointID.number($0) }
        try history.index(Array(ids.dropLast()), of: .char, by: History.agent("i-a"))
        #expect(history.broken(.growth).isEmpty)
        try history.index(ids, of: .char, by: History.agent("i-a"))
        #expect(history.broken(.growth).map(\.run) == [.char])
    }

    private func ledger(attempts: Int, launches: Int) -> Ledger {
        var ledger = Ledger(run: .char, writer: "")
        ledger.attempts = (1...attempts).map { number in
            Attempt(
                number: number, generation: 1, digest: SpecDigest(of: .named(.char)),
                spec: StoredReference(key: "", sha256: Digest(of: "")), revision: .first,
                source: nil, start: StartPoint(.newest), reason: "", createdAt: History.start,
                launches: (1...launches).map { ordinal in
                    Launch(ordinal: ordinal, request: nil, createdAt: History.start)
                })
        }
        return ledger
    }

    @Test("signs of life of more attempts than a ledger keeps → found; of as many → silent")
    func heartbeats() {
        #expect(audit(heartbeats: Growth.heartbeatLimit, checkpoints: 0) == 0)
        #expect(audit(heartbeats: Growth.heartbeatLimit + 1, checkpoints: 0) == 1)
    }

    @Test("checkpoints beyond keep → found; left by each start, or of a suspended run → silent")
    func checkpoints() {
        #expect(audit(heartbeats: 0, checkpoints: 10) == 0)
        #expect(audit(heartbeats: 0, checkpoints: 11) == 1)
        #expect(audit(heartbeats: 0, checkpoints: 11, isSuspended: true) == 0)
    }

    /// A run with `keep: 3` whose trainer began once.
    private func audit(heartbeats: Int, checkpoints: Int, isSuspended: Bool = false) -> Int {
        var growth = Growth()
        growth.started(.char)
        var spec = RunSpec.named(.char)
        spec.checkpoint = CheckpointPolicy(path: "checkpoints/*", keep: 3)
        if isSuspended { spec.suspend = Suspension(reason: "data fix") }
        let broken = growth.audit(
            DesiredFleet([spec]),
            { prefix in
                prefix.hasPrefix("heartbeats/")
                    ? (0..<heartbeats).map { "\(prefix)\($0 + 1)-0" }
                    : (0..<checkpoints).map { StoreLayout.manifest(.char, .number($0 + 1)) }
            }, at: History.start)
        return broken.count
    }
}
