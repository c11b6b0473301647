import Checkpoints
import TestSupport
import Testing
import Training

struct RecordStoreTests {
    let store = MemoryObjectStore()
    let key = StoreLayout.ledger(runName)

    private func records(_ writer: String = "me") -> RecordStore {
        RecordStore(store, writer: writer)
    }

    private func written(_ outcome: SwapOutcome<Ledger>) throws -> Versioned<Ledger> {
        guard case .done(let written) = outcome else { throw Missing() }
        return written
    }
    private struct Missing: Error {}

    @Test("a new record → serial 1 under the writer's name, unchanged at its etag")
    func create() async throws {
        let ledger = Ledger(run: runName, writer: "")
        let first = try written(try await records().swap(ledger, at: key, replacing: nil))
        #expect(first.record.serial == 1)
        #expect(first.record.writer == "me")
        let again = try await records().read(Ledger.self, at: key, unless: first.etag)
        #expect(again == .unchanged)
    }

    @Test("a writer with a stale record → conflict that shows what stands there")
    func conflict() async throws {
        var ledger = Ledger(run: runName, writer: "")
        let first = try written(try await records("a").swap(ledger, at: key, replacing: nil))
        ledger.trained = 5
        let second = try written(try await records("a").swap(ledger, at: key, replacing: first))
        ledger.trained = 9
        let lost = try await records("b").swap(ledger, at: key, replacing: first)
        guard case .conflict(let current?) = lost else { throw Missing() }
        #expect(current.record == second.record)
    }

    @Test("a lost reply → the write is recognised as our own")
    func lostReply() async throws {
        await store.setFaults { $0.operation == .put ? .lostReply : nil }
        let ledger = Ledger(run: runName, writer: "")
        let first = try written(try await records().swap(ledger, at: key, replacing: nil))
        #expect(first.record.serial == 1)
    }

    @Test("an unavailable store that wrote nothing → unavailable, not a conflict")
    func unavailable() async throws {
        await store.setFaults { $0.operation == .put ? .refused(.unavailable("down")) : nil }
        await #expect(throws: RecordFailure.store(.unavailable("down"))) {
            try await records().swap(
                Ledger(run: runName, writer: ""), at: key, replacing: nil)
        }
    }

    @Test("a lost reply, then another writer's record → conflict")
    func lostReplyOvertaken() async throws {
        let ledger = Ledger(run: runName, writer: "")
        var other = ledger
        other.trained = 7
        let theirs = other
        let gate = Once()
        await store.setFaults { $0.operation == .put ? .refused(.unavailable("down")) : nil }
        await store.interpose { [store, key] call in
            guard call.operation == .get, await gate.first() else { return }
            await store.setFaults(nil)
            _ = try? await RecordStore(store, writer: "b").swap(theirs, at: key, replacing: nil)
        }
        guard
            case .conflict(let current?) = try await records("a").swap(
                ledger, at: key, replacing: nil)
        else { throw Missing() }
        #expect(current.record.writer == "b")
    }

    @Test("a record of a newer version → named as such, never decoded")
    func newer() async throws {
        await store.plant(key, Array(#"{"version":2,"shape":"other"}"#.utf8))
        await #expect(throws: RecordFailure.newer(key, 2)) {
            try await records().read(Ledger.self, at: key)
        }
    }

    @Test(
        "hostile index bytes → malformed, never a crash",
        arguments: [
            "", "{", "null", "[]", #"{"version":1}"#, #"{"version":"1"}"#, #"{"version":1e99}"#,
            String(repeating: "[", count: 100_000),
            index(serial: "9223372036854775807"), index(serial: "-1"),
            index(serial: "1", run: "other"),
            index(checkpoints: checkpoint("0001-00000001", size: "9223372036854775807")),
            index(checkpoints: checkpoint("0001-00000001", size: "-1")),
            index(
                checkpoints: checkpoint("0002-00000001") + "," + checkpoint("0001-00000001")),
            index(
                checkpoints: checkpoint("0001-00000001") + "," + checkpoint("0001-00000001")),
            index(checkpoints: checkpoint("0001-00000001", parent: "0001-00000001")),
            index(checkpoints: checkpoint("0001-00000001", parent: "0002-00000001")),
        ])
    func hostile(bytes: String) async throws {
        let key = StoreLayout.index(runName)
        await store.plant(key, Array(bytes.utf8))
        let failure = await #expect(throws: RecordFailure.self) {
            try await records().read(RunIndex.self, at: key)
        }
        guard case .malformed = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }

    @Test("the same bytes published twice → once")
    func publish() async throws {
        try await records().publish([1], at: "specs/a")
        try await records("b").publish([1], at: "specs/a")
        #expect(await store.overwritten.isEmpty)
    }

    @Test("a spec whose bytes are not those of its digest → malformed")
    func reference() async throws {
        await store.plant("specs/a", Array("5".utf8))
        let right = StoredReference(key: "specs/a", sha256: Digest(of: "5"))
        #expect(try await records().read(Int.self, reference: right) == 5)
        let wrong = StoredReference(key: "specs/a", sha256: Digest(of: "6"))
        await #expect(throws: RecordFailure.self) {
            try await records().read(Int.self, reference: wrong)
        }
    }
}

/// Lets one caller through.
actor Once {
    private var isDone = false

    func first() -> Bool {
        defer { isDone = true }
        return !isDone
    }
}

private func index(
    serial: String = "1", run: String = "char-gpt", checkpoints: String = ""
) -> String {
    #"{"version":1,"serial":\#(serial),"writer":"w","run":"\#(run)","sealedThrough":0,"#
        + #""checkpoints":[\#(checkpoints)],"reports":[]}"#
}

private func checkpoint(_ id: String, size: String = "1", parent: String? = nil) -> String {
    let parent = parent.map { #""parent":"\#($0)","# } ?? ""
    return #"{"id":"\#(id)","generation":1,"digest":"v1:a",\#(parent)"size":\#(size),"#
        + #""committedAt":"2026-01-01T00:00:00.000Z","quarantines":[]}"#
}
