import Checkpoints
import TestSupport
import Testing
import Training

struct FormatCommitTests {
    let store = MemoryObjectStore()
    static let policy = CheckpointPolicy(path: "out/*.pt", step: "step-(?<step>[0-9]+)")

    private func context(
        _ kind: CheckpointPolicy.Kind = .atomic, _ format: CheckpointFormat? = nil
    ) -> CommitContext {
        CommitContext(generation: 1, digest: specDigest, kind: kind, format: format)
    }

    private func commit(
        _ bytes: [UInt8], _ context: CommitContext
    ) async throws -> CommitOutcome {
        let machine = try Machine(store)
        let agent = machine.boot(attempt: 1, nonce: "a")
        try await agent.begin()
        machine.disk.write("work/out/step-40.pt", bytes)
        let candidate = try #require(try machine.candidates(FormatCommitTests.policy).first)
        return try await agent.committer.commit(candidate, context, at: noon)
    }

    @Test("a whole torch file → committed, and its manifest says what it is")
    func whole() async throws {
        guard case .committed = try await commit(Sample.read("state.pt"), context()) else {
            Issue.record("not committed")
            return
        }
        #expect(await store.manifests().map(\.format) == [.torch])
        #expect(await store.manifests().map(\.step) == [40])
    }

    @Test(
        "a torn file that stands still, atomic or in place → refused by name, nothing uploaded",
        arguments: [CheckpointPolicy.Kind.atomic, .inPlace])
    func torn(_ kind: CheckpointPolicy.Kind) async throws {
        let torn = Array(try Sample.read("state.pt").dropLast(40))
        #expect(
            try await commit(torn, context(kind))
                == .flawed(
                    FormatFlaw(.complete, "the zip directory at its end is missing")))
        #expect(await !store.keys.contains { $0.contains("/checkpoints/") })
    }

    @Test("a flipped bit in a tensor, which loading would not notice → refused by its record")
    func flipped() async throws {
        var bytes = try Sample.read("state.pt")
        bytes[460] ^= 1
        #expect(
            try await commit(bytes, context(.inPlace))
                == .flawed(
                    FormatFlaw(
                        .intact,
                        "out/step-40.pt: its record state/data/0 is not what was written")))
        #expect(await store.manifests().isEmpty)
    }

    @Test("a format is declared and the file is plain → refused; `files` → committed")
    func declared() async throws {
        #expect(
            try await commit(Array("plain".utf8), context(.atomic, .torch))
                == .flawed(FormatFlaw(.intact, "it is not what torch.save writes")))
        guard case .committed = try await commit(Array("plain".utf8), context(.atomic, .files))
        else {
            Issue.record("not committed")
            return
        }
    }

    @Test("a torn file that was committed without a look into it → invalid, not restored")
    func restored() async throws {
        let torn = Array(try Sample.read("state.pt").dropLast(40))
        guard case .committed = try await commit(torn, context(.atomic, .files)) else {
            Issue.record("not committed")
            return
        }
        let machine = try Machine(store, name: "i-2")
        let agent = machine.boot(attempt: 2, nonce: "b")
        // As the first format wrote it: without a word about what it is.
        let manifest = try #require(await store.manifests().first)
        var older = manifest
        older.format = nil
        await store.plant(
            StoreLayout.manifest(runName, manifest.id), CanonicalJSON.encode(older))
        await #expect(
            throws: RestoreFailure.invalid(
                "incomplete: the zip directory at its end is missing")
        ) {
            try await agent.restorer.restore(manifest.id, of: runName)
        }
        #expect(!machine.disk.exists("work/out/step-40.pt"))
    }
}
