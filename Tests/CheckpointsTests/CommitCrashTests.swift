import Checkpoints
import TestSupport
import Testing
import Training

/// An agent dies at its Nth call of the store, before or after it takes effect; another life goes
/// on from what stands.
struct CommitCrashTests {
    enum Death: CaseIterable, Sendable {
        case before
        case after
    }

    enum Successor: CaseIterable, Sendable {
        case sameAttempt
        case nextAttempt
        case otherMachine
    }

    @Test(
        "death at any call of a commit → nothing overwritten, the lineage is sound",
        arguments: Death.allCases, Successor.allCases)
    func everyCall(death: Death, successor: Successor) async throws {
        var call = 1
        while try await life(endsAt: call, death, successor) { call += 1 }
        #expect(call > 12, "the sweep ended at call \(call)")
    }

    /// False when the first life came to its end before that call.
    private func life(
        endsAt fatal: Int, _ death: Death, _ successor: Successor
    ) async throws -> Bool {
        let store = MemoryObjectStore()
        let machine = try Machine(store)
        await store.setFaults { call in
            // Dead agents send nothing more: after the fatal call nothing has an effect.
            if call.number > fatal { return .refused(.unavailable("dead")) }
            guard call.number == fatal else { return nil }
            return death == .before ? .refused(.unavailable("dead")) : .lostReply
        }
        let first = machine.boot(attempt: 1, nonce: "a")
        var survived = true
        do {
            try await first.begin()
            try await first.commit("s1", "1")
            try await first.commit("s2", "2")
        } catch {
            survived = false
        }
        let before = await store.manifests()
        await store.setFaults(nil)

        let other = successor == .otherMachine ? try Machine(store, name: "i-2") : machine
        let second = other.boot(attempt: successor == .sameAttempt ? 1 : 2, nonce: "b")
        try await second.index.claim()
        _ = try await second.index.adoptOrphans(retired: [])
        // What the dead life left on the disk is committed before anything is restored.
        for name in ["s1", "s2"] where other.disk.exists("work/ckpt/\(name)/b.bin") {
            try await second.commit(name, name == "s1" ? "1" : "2")
        }
        let tip = try await second.index.read().tip?.id
        try await second.index.setHead(tip)
        try await second.commit("s3", "3")

        let index = try await second.index.read()
        #expect(await store.overwritten.allSatisfy { $0 == StoreLayout.index(runName) })
        // Every manifest that stood at the death is in the index and on the lineage.
        let lineage = index.lineage.map(\.id)
        for manifest in before { #expect(lineage.contains(manifest.id), "call \(fatal)") }
        #expect(lineage == index.checkpoints.map(\.id).reversed(), "call \(fatal)")
        for entry in index.checkpoints {
            let restored = try await second.restorer.restore(entry.id, of: runName)
            let number = try #require(restored.path.last)
            #expect(other.disk.text("work/ckpt/s\(number)/b.bin") == "\(number)\(number)")
        }
        return !survived
    }
}
