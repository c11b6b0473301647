import Checkpoints
import Local
import TestSupport
import Testing
import Training

/// The whole way over a store of real files: two machines, rot between them.
struct DirectoryRoundTripTests {
    @Test("the newest rots in the store → quarantined, the next machine goes on from the previous")
    func rot() async throws {
        let disk = try TemporaryDirectory()
        let store = try DirectoryStore(path: disk("store"))
        let policy = CheckpointPolicy(path: "out/step-*.ckpt", step: "step-(?<step>[0-9]+)")

        let first = Agent(store, disk, "m1", attempt: 1)
        try await first.index.claim()
        try await first.index.setHead(nil)
        for step in [10, 20] {
            disk.write("m1/work/out/step-\(step).ckpt", "weights of step \(step)")
            let scanner = try CandidateScanner(directory: disk("m1/work"), policy: policy)
            var tracker = CandidateTracker()
            let newest = try #require(tracker.observe(try scanner.look(), final: true).ready.last)
            let outcome = try await first.committer.commit(newest, first.context, at: noon)
            guard case .committed(let entry) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(entry.step == step)
        }

        let key = try #require(
            try await store.list(
                prefix: StoreLayout.checkpoint(runName, id(1, 2)), limit: 10
            ).map(\.key).first { !$0.hasSuffix("MANIFEST.json") })
        disk.write("store/\(key)", "weights of step 21")

        let second = Agent(store, disk, "m2", attempt: 2)
        try await second.index.claim()
        _ = try await second.index.adoptOrphans(retired: [])
        let restored = try await second.resume()
        #expect(restored?.path == disk("m2/work/out/step-10.ckpt"))
        #expect(disk.text("m2/work/out/step-10.ckpt") == "weights of step 10")
        #expect(!disk.exists("m2/work/out/step-20.ckpt"))
        let index = try await second.index.read()
        #expect(index.checkpoints.last?.quarantines.map(\.attempt) == [2])
        #expect(index.head == Head(attempt: 2, checkpoint: id(1, 1)))
    }
}

/// An agent as Supervision wires it.
private struct Agent {
    let index: FencedIndex
    let committer: CheckpointCommitter
    let restorer: CheckpointRestorer
    let context = CommitContext(generation: 1, digest: specDigest, kind: .atomic)

    init(_ store: DirectoryStore, _ disk: TemporaryDirectory, _ name: String, attempt: Int) {
        disk.makeDirectory("\(name)/work")
        let records = RecordStore(store, writer: name)
        index = FencedIndex(
            records: records, run: runName,
            claim: Claim(
                attempt: attempt, ordinal: 1, instance: InstanceID(name), boot: name, nonce: name,
                at: noon))
        let folders = (work: disk("\(name)/work"), staging: disk("\(name)/staging"))
        committer = CheckpointCommitter(
            index: index, files: WorkingDirectory(folders.work), staging: folders.staging)
        restorer = CheckpointRestorer(
            records: records, files: WorkingDirectory(folders.work), staging: folders.staging)
    }

    /// Decides, restores, quarantines until something stands, at most five times.
    func resume() async throws -> RestoredCheckpoint? {
        var failures: [FailedRestore] = []
        for _ in 0..<5 {
            let decision = ResumeChooser.decide(
                ResumeQuestion(
                    start: StartPoint(.newest), index: try await index.read(), retired: [],
                    attempt: index.mine.attempt, generation: 1, digest: specDigest,
                    onInvalid: .previous, failures: failures))
            if let bad = decision.quarantine, let failure = failures.last {
                try await index.quarantine(
                    bad, digest: specDigest, reason: failure.reason, at: noon)
            }
            guard case .restore(let reference) = decision.choice else { return nil }
            do {
                let restored = try await restorer.restore(reference.checkpoint, of: runName)
                try await index.setHead(restored.id)
                return restored
            } catch RestoreFailure.invalid(let reason) {
                failures.append(FailedRestore(checkpoint: reference, reason: reason))
            }
        }
        return nil
    }
}
