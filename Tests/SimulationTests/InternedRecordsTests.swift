import Checkpoints
import Simulation
import TestSupport
import Testing
import Training

@Suite struct InternedRecordsTests {
    let coding = InternedRecordCoding(seed: 1, checkingOneIn: 1)
    let ledger: Ledger
    let spec: RunSpec

    init() throws {
        let name = try #require(RunName("char-gpt"))
        ledger = Ledger(run: name, writer: "w")
        spec = RunSpec(name: name, run: "python train.py")
    }

    @Test("a value → a short token that gives it back; equal values have equal tokens")
    func tokens() throws {
        var other = ledger
        other.trained = 5
        let bytes = coding.encode(ledger)
        #expect(bytes.count == 16)
        #expect(coding.encode(ledger) == bytes)
        #expect(coding.encode(other) != bytes)
        #expect(try coding.decode(Ledger.self, from: bytes) == ledger)
        #expect(try coding.decode(Ledger.self, from: coding.encode(other)) == other)
        #expect(coding.count == 2)
    }

    @Test("one seed, the same values → the same tokens")
    func deterministic() {
        let again = InternedRecordCoding(seed: 1)
        #expect(coding.encode(ledger) == again.encode(ledger))
        #expect(coding.encode(spec) == again.encode(spec))
    }

    @Test("bytes that are no token of this world → read as the JSON that they are, or are not")
    func foreign() throws {
        let other = InternedRecordCoding(seed: 2)
        _ = coding.encode(ledger)
        #expect(throws: CanonicalJSON.Failure.self) {
            try coding.decode(Ledger.self, from: other.encode(ledger))
        }
        let json = CanonicalJSON.encode(ledger)
        #expect(try coding.decode(Ledger.self, from: json) == ledger)
        #expect(coding.digest(of: json) == Digest(of: json))
    }

    @Test("any byte of a token is changed, or one is missing → malformed, never another value")
    func damaged() {
        for serial in 0..<300 {
            var filler = ledger
            filler.serial = serial
            _ = coding.encode(filler)
        }
        let token = coding.encode(ledger)
        for place in token.indices {
            var bytes = token
            bytes[place] ^= 1
            #expect(throws: CanonicalJSON.Failure.self) {
                try coding.decode(Ledger.self, from: bytes)
            }
        }
        #expect(throws: CanonicalJSON.Failure.self) {
            try coding.decode(Ledger.self, from: Array(token.dropLast()))
        }
    }

    @Test("a token is read as another type → as its JSON would be")
    func otherType() throws {
        let bytes = coding.encode(ledger)
        let json = CanonicalJSON.encode(ledger)
        for bytes in [bytes, json] {
            #expect(throws: CanonicalJSON.Failure.malformed(": key claim is missing")) {
                try coding.decode(Demanding.self, from: bytes)
            }
        }
        #expect(try coding.decode(Serial.self, from: bytes).serial == 0)
    }

    @Test("a store of tokens → records, their swaps and references work as with JSON")
    func store() async throws {
        let store = MemoryObjectStore()
        let records = RecordStore(store, writer: "w", coding: coding)
        let others = RecordStore(store, writer: "other", coding: coding)
        let key = StoreLayout.ledger(ledger.run)
        guard case .done(let first) = try await records.swap(ledger, at: key, replacing: nil)
        else {
            Issue.record("the first write conflicts")
            return
        }
        #expect(try await records.read(Ledger.self, at: key, unless: first.etag) == .unchanged)
        guard case .conflict = try await others.swap(ledger, at: key, replacing: nil) else {
            Issue.record("a stale write took effect")
            return
        }
        let reference = StoredReference(
            key: "specs/a", sha256: Digest(of: CanonicalJSON.encode(spec)))
        try await records.publish(encoding: spec, at: reference.key)
        #expect(try await records.read(RunSpec.self, reference: reference) == spec)
        let wrong = StoredReference(key: reference.key, sha256: Digest(of: "other"))
        await #expect(throws: RecordFailure.self) {
            try await records.read(RunSpec.self, reference: wrong)
        }
        await #expect(throws: RecordFailure.self) {
            try await records.read(RunIndex.self, at: key)
        }
        #expect(coding.findings.isEmpty)
    }

    @Test("a value that JSON does not bring back → a finding names its type")
    func findings() {
        _ = coding.encode(Forgetful(kept: 1, lost: 2))
        #expect(coding.findings == [.altered(type: "Forgetful")])
    }
}

private struct Serial: Decodable {
    var serial: Int
}

private struct Demanding: Decodable {
    var claim: Int
}

/// Its JSON leaves a field out.
private struct Forgetful: Codable, Hashable {
    var kept: Int
    var lost = 0

    enum CodingKeys: CodingKey {
        case kept
    }
}
