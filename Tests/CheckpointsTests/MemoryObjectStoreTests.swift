import TestSupport
import Testing
import Training

struct MemoryObjectStoreTests {
    @Test("two writers, one etag → one wins")
    func oneWins() async throws {
        let store = MemoryObjectStore()
        let first = try await store.put("a", [1], if: .absent)
        try await store.put("a", [2], if: .matches(first.etag))
        await #expect(throws: StoreFailure.conditionFailed(key: "a")) {
            try await store.put("a", [3], if: .matches(first.etag))
        }
        #expect(await store.bytes("a") == [2])
    }

    @Test("a lost reply → done, but unavailable")
    func lostReply() async throws {
        let store = MemoryObjectStore()
        await store.setFaults { $0.number == 1 ? .lostReply : nil }
        await #expect(throws: StoreFailure.unavailable("the reply to call 1 was lost")) {
            try await store.put("a", [1], if: .absent)
        }
        #expect(await store.bytes("a") == [1])
    }
}
