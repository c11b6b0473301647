import Checkpoints
import Glibc
import TestSupport
import Testing
import Training

struct CheckpointCommitterTests {
    let store = MemoryObjectStore()

    private func committed(_ outcome: CommitOutcome) -> CheckpointID? {
        if case .committed(let entry) = outcome { entry.id } else { nil }
    }

    @Test("three checkpoints → each one's parent is the one before, bytes are those of the files")
    func chain() async throws {
        let agent = try Machine(store).boot(attempt: 1, nonce: "a")
        try await agent.begin()
        for number in 1...3 {
            let outcome = try await agent.commit("s\(number)", "\(number)")
            #expect(committed(outcome) == id(1, number))
        }
        let index = try await agent.index.read()
        #expect(index.lineage.map(\.id) == [id(1, 3), id(1, 2), id(1, 1)])
        let manifest = try #require(await store.manifests().last)
        #expect(manifest.path == "ckpt/s3")
        #expect(manifest.files.map(\.path) == ["ckpt/s3/a.bin", "ckpt/s3/b.bin"])
        #expect(await store.bytes(manifest.files[1].key) == Array("33".utf8))
        #expect(await Set(store.overwritten) == ["index/char-gpt.json"])
    }

    @Test("a folder on the way becomes a link after the scan → refused, nothing leaves")
    func swappedForALink() async throws {
        let machine = try Machine(store)
        let agent = machine.boot(attempt: 1, nonce: "a")
        try await agent.begin()
        machine.disk.write("work/ckpt/s1/a.bin", "of root alone")
        let candidate = try #require(try machine.candidates(Life.policy).first)
        // The very same file, now outside: its inode, size and time are those of the scan.
        rename(machine.disk("work/ckpt"), machine.disk("elsewhere"))
        machine.disk.link("work/ckpt", to: machine.disk("elsewhere"))
        let outcome = try await agent.committer.commit(candidate, Life.context, at: noon)
        #expect(outcome == .refused(reason: "it changed while it was read"))
        #expect(await !store.keys.contains { $0.contains("/checkpoints/") })
    }

    @Test("a newer claim during the upload → fenced, and no manifest is written")
    func zombie() async throws {
        let agent = try Machine(store).boot(attempt: 1, nonce: "a")
        try await agent.begin()
        let other = try Machine(store, name: "i-2").boot(attempt: 2, nonce: "b")
        let gate = Once()
        await store.interpose { call in
            guard call.operation == .upload, await gate.first() else { return }
            try? await other.begin()
        }
        await #expect(throws: CommitFailure.fenced(by: other.index.mine)) {
            try await agent.commit("s1", "1")
        }
        #expect(await store.manifests().isEmpty)
    }

    @Test("a newer claim between manifest and entry → the zombie's checkpoint is never usable")
    func lateZombie() async throws {
        let agent = try Machine(store).boot(attempt: 1, nonce: "a")
        try await agent.begin()
        let other = try Machine(store, name: "i-2").boot(attempt: 2, nonce: "b")
        let gate = Once()
        await store.interpose { call in
            guard call.operation == .put, call.key.hasSuffix("MANIFEST.json"),
                await gate.first()
            else { return }
            try? await other.begin()
        }
        await #expect(throws: CommitFailure.fenced(by: other.index.mine)) {
            try await agent.commit("s1", "1")
        }
        #expect(await store.manifests().count == 1)
        let third = try Machine(store, name: "i-3").boot(attempt: 3, nonce: "c")
        try await third.begin()
        #expect(try await third.index.read().checkpoints.isEmpty)
    }

    @Test("lost replies on every write → committed once, recognised as our own")
    func lostReplies() async throws {
        let agent = try Machine(store).boot(attempt: 1, nonce: "a")
        try await agent.begin()
        await store.setFaults { $0.operation.writes ? .lostReply : nil }
        #expect(committed(try await agent.commit("s1", "1")) == id(1, 1))
        #expect(await store.manifests().count == 1)
        #expect(await store.keys.filter { $0.hasSuffix("/0") }.count == 1)
    }

    /// An agent whose first commit wrote its manifest, but not its entry in the index.
    private func torn() async throws -> Life {
        let agent = try Machine(store).boot(attempt: 1, nonce: "a")
        try await agent.begin()
        let index = StoreLayout.index(runName)
        await store.setFaults {
            $0.operation == .put && $0.key == index ? .refused(.unavailable("down")) : nil
        }
        await #expect(throws: CommitFailure.self) { try await agent.commit("s1", "1") }
        await store.setFaults(nil)
        return agent
    }

    @Test("the entry fails after the manifest → the retry commits the same one, uploads nothing")
    func retried() async throws {
        let agent = try await torn()
        await store.clearCalls()
        #expect(committed(try await agent.commit("s1", "1")) == id(1, 1))
        #expect(await store.calls.filter { $0.operation == .upload }.isEmpty)
        #expect(try await agent.index.read().checkpoints.map(\.id) == [id(1, 1)])
    }

    @Test("another checkpoint after a torn commit → both are committed, in order")
    func retriedWithOther() async throws {
        let agent = try await torn()
        #expect(committed(try await agent.commit("s2", "2")) == id(1, 2))
        #expect(try await agent.index.read().lineage.map(\.id) == [id(1, 2), id(1, 1)])
    }

    @Test("an unreadable manifest under the next number → the number after it")
    func takenNumber() async throws {
        let agent = try Machine(store).boot(attempt: 1, nonce: "a")
        try await agent.begin()
        let taken = StoreLayout.manifest(runName, id(1, 1))
        await store.plant(taken, Array("{".utf8))
        #expect(committed(try await agent.commit("s1", "1")) == id(1, 2))
        #expect(await store.bytes(taken) == Array("{".utf8))
    }

    @Test("the bytes of the last commit again → a duplicate, nothing is sent")
    func duplicate() async throws {
        let machine = try Machine(store)
        let agent = machine.boot(attempt: 1, nonce: "a")
        try await agent.begin()
        try await agent.commit("s1", "1")
        // The machine was stopped and started: the next attempt finds the file on its disk.
        let next = machine.boot(attempt: 2, nonce: "b")
        try await next.index.claim()
        await store.clearCalls()
        #expect(try await next.commit("s1", "1") == .duplicate(of: id(1, 1)))
        #expect(await store.calls.filter(\.operation.writes).isEmpty)
    }

    @Test("local files newer than the store, before a head is chosen → their parent is the tip")
    func newerLocalFiles() async throws {
        let machine = try Machine(store)
        let agent = machine.boot(attempt: 1, nonce: "a")
        try await agent.begin()
        try await agent.commit("s1", "1")
        let next = machine.boot(attempt: 2, nonce: "b")
        try await next.index.claim()
        #expect(committed(try await next.commit("s2", "2")) == id(2, 1))
        try await next.index.setHead(id(2, 1))
        #expect(try await next.index.read().lineage.map(\.id) == [id(2, 1), id(1, 1)])
    }

    @Test("a file changes during the upload → refused, nothing is committed")
    func changes() async throws {
        let machine = try Machine(store)
        let agent = machine.boot(attempt: 1, nonce: "a")
        try await agent.begin()
        await store.interpose { call in
            if call.operation == .upload { machine.disk.write("work/ckpt/s1/a.bin", "other") }
        }
        let outcome = try await agent.commit("s1", "1")
        #expect(outcome == .refused(reason: "it changed while it was uploaded"))
        #expect(await store.manifests().isEmpty)
    }

    @Test(
        "an in-place file that changed since the look → refused; truncated later → its copy counts")
    func inPlace() async throws {
        let machine = try Machine(store)
        let agent = machine.boot(attempt: 1, nonce: "a")
        try await agent.begin()
        let policy = CheckpointPolicy(path: "ckpt.pt", kind: .inPlace)
        let context = CommitContext(generation: 1, digest: specDigest, kind: .inPlace)
        machine.disk.write("work/ckpt.pt", "weights 1")
        let first = try #require(try machine.candidates(policy).first)
        machine.disk.write("work/ckpt.pt", "")
        #expect(
            try await agent.committer.commit(first, context, at: noon)
                == .refused(reason: "it changed while it was read"))

        machine.disk.write("work/ckpt.pt", "weights 2")
        let second = try #require(try machine.candidates(policy).first)
        await store.interpose { call in
            if call.operation == .upload { machine.disk.write("work/ckpt.pt", "wei") }
        }
        let outcome = try await agent.committer.commit(second, context, at: noon)
        #expect(committed(outcome) == id(1, 1))
        let manifest = try #require(await store.manifests().first)
        #expect(await store.bytes(manifest.files[0].key) == Array("weights 2".utf8))
        #expect(!machine.disk.exists("staging/commit"))
    }

    @Test("the store denies access → a failure that names it, not a retry")
    func denied() async throws {
        let agent = try Machine(store).boot(attempt: 1, nonce: "a")
        try await agent.begin()
        await store.setFaults { $0.operation == .upload ? .refused(.denied("no key")) : nil }
        await #expect(throws: CommitFailure.failed("the store denies access: no key")) {
            try await agent.commit("s1", "1")
        }
    }
}
