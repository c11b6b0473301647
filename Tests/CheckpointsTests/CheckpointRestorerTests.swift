import Checkpoints
import TestSupport
import Testing
import Training

struct CheckpointRestorerTests {
    let store = MemoryObjectStore()

    private func committed() async throws -> Life {
        let agent = try Machine(store).boot(attempt: 1, nonce: "a")
        try await agent.begin()
        try await agent.commit("s1", "1")
        return agent
    }

    private func reason(_ body: () async throws -> Void) async -> String? {
        do {
            try await body()
            return nil
        } catch RestoreFailure.invalid(let reason) {
            return reason
        } catch {
            return "not invalid: \(error)"
        }
    }

    @Test("on another machine → the files at their own paths, the path for the trainer")
    func restores() async throws {
        _ = try await committed()
        let other = try Machine(store, name: "i-2")
        let restored = try await other.boot(attempt: 2, nonce: "b").restorer.restore(
            id(1, 1), of: runName)
        #expect(restored.path == other.disk("work/ckpt/s1"))
        #expect(restored.size == 3)
        #expect(other.disk.text("work/ckpt/s1/b.bin") == "11")
        #expect(!other.disk.exists("staging/restore"))
    }

    @Test("other files at the checkpoint's path → they give way as a whole")
    func replaces() async throws {
        let agent = try await committed()
        agent.machine.disk.write("work/ckpt/s1/a.bin", "torn")
        agent.machine.disk.write("work/ckpt/s1/left-over.bin", "torn")
        _ = try await agent.restorer.restore(id(1, 1), of: runName)
        #expect(agent.machine.disk.text("work/ckpt/s1/a.bin") == "1")
        #expect(!agent.machine.disk.exists("work/ckpt/s1/left-over.bin"))
        #expect(!agent.machine.disk.exists("staging/replaced"))
    }

    @Test("a single file → replaced in one step")
    func singleFile() async throws {
        let machine = try Machine(store)
        let agent = machine.boot(attempt: 1, nonce: "a")
        try await agent.begin()
        machine.disk.write("work/out/last.ckpt", "good")
        let policy = CheckpointPolicy(path: "out/*.ckpt")
        let candidate = try #require(try machine.candidates(policy).first)
        _ = try await agent.committer.commit(
            candidate, CommitContext(generation: 1, digest: specDigest, kind: .atomic), at: noon)
        machine.disk.write("work/out/last.ckpt", "bad")
        let restored = try await agent.restorer.restore(id(1, 1), of: runName)
        #expect(restored.path == machine.disk("work/out/last.ckpt"))
        #expect(machine.disk.text("work/out/last.ckpt") == "good")
    }

    @Test("one flipped bit → invalid, and the files on the disk stay as they were")
    func bitFlip() async throws {
        let agent = try await committed()
        let manifest = try #require(await store.manifests().first)
        await store.damage(manifest.files[1].key) { $0[0] ^= 1 }
        agent.machine.disk.write("work/ckpt/s1/a.bin", "local")
        let reason = await reason {
            _ = try await agent.restorer.restore(id(1, 1), of: runName)
        }
        #expect(reason == "ckpt/s1/b.bin: the SHA-256 differs")
        #expect(agent.machine.disk.text("work/ckpt/s1/a.bin") == "local")
    }

    @Test("a truncated file, a missing file, a missing manifest → invalid")
    func missing() async throws {
        let agent = try await committed()
        let restore = { () async throws in
            _ = try await agent.restorer.restore(id(1, 1), of: runName)
        }
        let manifest = try #require(await store.manifests().first)
        await store.damage(manifest.files[0].key) { $0 = [] }
        #expect(await reason(restore) == "ckpt/s1/a.bin: 0 bytes, not 1")
        await store.remove(manifest.files[0].key)
        #expect(await reason(restore) == "ckpt/s1/a.bin: the object does not exist")
        await store.remove(StoreLayout.manifest(runName, id(1, 1)))
        #expect(await reason(restore) == "its MANIFEST.json does not exist")
    }

    @Test("the store cannot be read → unavailable: not the checkpoint's fault")
    func unavailable() async throws {
        let agent = try await committed()
        await store.setFaults { $0.operation == .download ? .refused(.unavailable("x")) : nil }
        await #expect(
            throws: RestoreFailure.unavailable("ckpt/s1/a.bin: the store is unavailable: x")
        ) {
            try await CheckpointRestorer(
                records: agent.records, files: agent.machine.files,
                staging: agent.machine.disk("staging"), parallel: 1
            ).restore(id(1, 1), of: runName)
        }
    }

    @Test(
        "a hostile manifest → invalid, nothing is written outside",
        arguments: [
            "../evil", "/etc/evil", "ckpt/../../evil", "ckpt//evil", "ckpt/./evil", "",
            "ckpt/s1/../\u{301}x", "ckpt/s1/a\u{0}b", "other/file",
            "ckpt/s1/" + String(repeating: "n", count: 300),
        ])
    func hostile(path: String) async throws {
        let agent = try await committed()
        var manifest = try #require(await store.manifests().first)
        manifest.files[0].path = path
        await store.plant(
            StoreLayout.manifest(runName, id(1, 1)), CanonicalJSON.encode(manifest))
        let reason = await reason {
            _ = try await agent.restorer.restore(id(1, 1), of: runName)
        }
        #expect(reason?.hasPrefix("its MANIFEST.json is malformed") == true, "\(reason ?? "-")")
    }

    @Test("a manifest with the same file twice, a foreign key or huge sizes → invalid")
    func inconsistent() async throws {
        let agent = try await committed()
        let good = try #require(await store.manifests().first)
        let changes: [(inout CheckpointManifest) -> Void] = [
            { $0.files.append($0.files[0]) },
            { $0.files[0].key = "runs/other/checkpoints/0001-00000001/n/0" },
            { $0.files[0].key = "runs/char-gpt/checkpoints/0001-00000001/../../x" },
            { for place in $0.files.indices { $0.files[place].size = .max } },
            { $0.files[0].size = -1 },
            { $0.files = [] },
            { $0.id = CheckpointID(attempt: 1, sequence: 2) },
            { $0.files[1].path = "ckpt/s1/a.bin/below" },
        ]
        for change in changes {
            var manifest = good
            change(&manifest)
            await store.plant(
                StoreLayout.manifest(runName, id(1, 1)), CanonicalJSON.encode(manifest))
            let reason = await reason {
                _ = try await agent.restorer.restore(id(1, 1), of: runName)
            }
            #expect(reason?.hasPrefix("its MANIFEST.json is malformed") == true)
        }
    }

    @Test("a symbolic link where a folder belongs → refused, nothing is written through it")
    func link() async throws {
        _ = try await committed()
        let other = try Machine(store, name: "i-2")
        let outside = try TemporaryDirectory()
        other.disk.link("work/ckpt", to: outside.path)
        let agent = other.boot(attempt: 2, nonce: "b")
        await #expect(throws: RestoreFailure.self) {
            try await agent.restorer.restore(id(1, 1), of: runName)
        }
        #expect(!outside.exists("s1"))
    }

    @Test("audit: good → valid; a flipped bit → invalid; an unreadable store → unknown")
    func audit() async throws {
        let agent = try await committed()
        let audit = CheckpointAudit(
            records: agent.records, scratch: agent.machine.disk("scratch"))
        #expect(await audit.verify(id(1, 1), of: runName) == .valid(files: 2, size: 3))
        #expect(!agent.machine.disk.exists("scratch"))
        var entry = try await agent.index.read().checkpoints[0]
        #expect(
            await audit.verify(id(1, 1), of: runName, entry: entry) == .valid(files: 2, size: 3))
        entry.size = 4
        #expect(
            await audit.verify(id(1, 1), of: runName, entry: entry)
                == .invalid(reason: "its entry in the index is another one's"))
        let manifest = try #require(await store.manifests().first)
        await store.damage(manifest.files[1].key) { $0[0] ^= 1 }
        #expect(
            await audit.verify(id(1, 1), of: runName)
                == .invalid(reason: "ckpt/s1/b.bin: the SHA-256 differs"))
        await store.setFaults { $0.operation == .get ? .refused(.unavailable("x")) : nil }
        #expect(
            await audit.verify(id(1, 1), of: runName)
                == .unknown(reason: "the store is unavailable: x"))
    }
}
