import Checkpoints
import TestSupport
import Testing
import Training

struct AdoptionTests {
    let store = MemoryObjectStore()

    /// Attempt 1 commits s1, and s2 up to its manifest.
    private func orphaned() async throws -> Machine {
        let machine = try Machine(store)
        let agent = machine.boot(attempt: 1, nonce: "a")
        try await agent.begin()
        try await agent.commit("s1", "1")
        let index = StoreLayout.index(runName)
        await store.setFaults {
            $0.operation == .put && $0.key == index ? .refused(.unavailable("down")) : nil
        }
        await #expect(throws: CommitFailure.self) { try await agent.commit("s2", "2") }
        await store.setFaults(nil)
        #expect(await store.currentIndex()?.checkpoints.map(\.id) == [id(1, 1)])
        return machine
    }

    @Test("a manifest without an entry → the next attempt adopts it, then seals")
    func adopts() async throws {
        let machine = try await orphaned()
        let next = machine.boot(attempt: 2, nonce: "b")
        try await next.index.claim()
        let adoption = try await next.index.adoptOrphans(retired: [])
        #expect(adoption.adopted == [id(1, 2)])
        #expect(adoption.refused.isEmpty)
        let standing = try await next.index.read()
        #expect(standing.lineage.map(\.id) == [id(1, 2), id(1, 1)])
        #expect(standing.sealedThrough == 1)
    }

    @Test("a manifest that appears after the seal → never adopted")
    func sealed() async throws {
        let machine = try await orphaned()
        let manifest = StoreLayout.manifest(runName, id(1, 2))
        let bytes = try #require(await store.bytes(manifest))
        await store.remove(manifest)
        try await machine.boot(attempt: 2, nonce: "b").begin()
        await store.plant(manifest, bytes)
        let third = machine.boot(attempt: 3, nonce: "c")
        try await third.index.claim()
        #expect(try await third.index.adoptOrphans(retired: []).adopted.isEmpty)
    }

    @Test("a file of the orphan is missing, short, or its manifest is torn → refused by name")
    func refuses() async throws {
        let machine = try await orphaned()
        let manifest = try #require(await store.manifests().last)
        await store.damage(manifest.files[1].key) { $0.removeLast() }
        let next = machine.boot(attempt: 2, nonce: "b")
        try await next.index.claim()
        let adoption = try await next.index.adoptOrphans(retired: [])
        #expect(adoption.adopted.isEmpty)
        #expect(
            adoption.refused.map(\.reason) == ["ckpt/s2/b.bin has 1 bytes, not 2"])
    }

    @Test("the store cannot be read → nothing is sealed, adopted when it can")
    func unavailable() async throws {
        let machine = try await orphaned()
        let next = machine.boot(attempt: 2, nonce: "b")
        try await next.index.claim()
        await store.setFaults { $0.operation == .head ? .refused(.unavailable("down")) : nil }
        await #expect(throws: FenceFailure.self) {
            try await next.index.adoptOrphans(retired: [])
        }
        #expect(await store.currentIndex()?.sealedThrough == 0)
        await store.setFaults(nil)
        #expect(try await next.index.adoptOrphans(retired: []).adopted == [id(1, 2)])
    }

    @Test("the same attempt boots again → its own orphan is adopted")
    func ownOrphan() async throws {
        let machine = try await orphaned()
        let next = machine.boot(attempt: 1, nonce: "b")
        try await next.index.claim()
        #expect(try await next.index.adoptOrphans(retired: []).adopted == [id(1, 2)])
    }

    @Test("a retired checkpoint whose manifest still stands → stays out")
    func retired() async throws {
        let machine = try await orphaned()
        let next = machine.boot(attempt: 2, nonce: "b")
        try await next.index.claim()
        #expect(try await next.index.adoptOrphans(retired: [id(1, 2)]).adopted.isEmpty)
    }
}
