import Training

/// One value of each record with every field set.
enum Samples {
    static let noon = Timestamp(milliseconds: 1_767_225_600_000)
    static let run = RunName("char-gpt") ?? { preconditionFailure("a legal name") }()
    static let digest = SpecDigest(text: "v1:" + String(repeating: "ab", count: 32))
    static let bytes = Digest(of: "bytes")
    static let revision = Revision(
        ref: "main", commit: "0123456789abcdef0123456789abcdef01234567")
    static let store = StoreIdentity(text: "0123456789abcdef")

    static func id(_ attempt: Int, _ sequence: Int) -> CheckpointID {
        CheckpointID(attempt: attempt, sequence: sequence)
    }

    static var userData: AgentConfiguration {
        AgentConfiguration(
            scope: "research", store: store, storeURL: "file:///var/lib/holdfast/store",
            run: run, attempt: 2, ordinal: 1, pace: .local)
    }

    static var heartbeat: Heartbeat {
        Heartbeat(
            instance: InstanceID("i-1"), boot: "b-1", phase: .working, report: .training,
            step: 120, checkpoint: id(2, 3))
    }

    static var manifest: CheckpointManifest {
        let folder = StoreLayout.checkpoint(run, id(2, 3)) + "5f0c/"
        return CheckpointManifest(
            run: run, id: id(2, 3), generation: 1, digest: digest, step: 120, parent: id(2, 2),
            path: "checkpoints/step-120",
            files: [
                .init(
                    path: "checkpoints/step-120/model.bin", key: folder + "0", size: 5,
                    sha256: bytes),
                .init(
                    path: "checkpoints/step-120/optimizer.bin", key: folder + "1", size: 5,
                    sha256: bytes),
            ], createdAt: noon)
    }

    static var index: RunIndex {
        var index = RunIndex(run: run, writer: "host:41:9c")
        index.serial = 7
        index.claim = Claim(
            attempt: 2, ordinal: 1, instance: InstanceID("i-1"), boot: "b-1", nonce: "n-1",
            at: noon)
        index.sealedThrough = 1
        index.head = Head(attempt: 2, checkpoint: id(1, 4))
        index.checkpoints = [
            IndexedCheckpoint(
                id: id(1, 4), generation: 1, digest: digest, step: 100, parent: nil, size: 10,
                committedAt: noon),
            IndexedCheckpoint(
                id: id(2, 3), generation: 1, digest: digest, step: 120, parent: id(1, 4),
                size: 10, committedAt: noon + 60,
                quarantines: [
                    Quarantine(digest: digest, attempt: 2, reason: "a.bin: bit", at: noon + 90)
                ]),
        ]
        var report = AttemptReport(attempt: 2, phase: .ended, since: noon)
        report.startedFrom = id(1, 4)
        report.fallback = "0001-00000005 does not verify"
        report.acknowledged = "intent-1"
        report.released = true
        report.outcome = .failed
        report.exit = ExitStatus(signal: 9)
        report.lastLines = ["iter 119", "Killed"]
        report.trained = 300
        report.step = 120
        report.detail = "signal 9"
        index.reports = [report]
        return index
    }

    static var scope: ScopeRecord {
        var scope = ScopeRecord(
            scope: "research",
            owner: .init(
                origin: "https://git.example.org/team/runs", ref: "main", path: "manifests"),
            writer: "host:41:9c")
        scope.serial = 3
        scope.regions = ["local"]
        scope.applied = .init(revision: revision, sequence: 12)
        scope.specs = [
            .init(
                run: run, spec: StoredReference(key: StoreLayout.spec(run, bytes), sha256: bytes),
                sourceTree: "89abcdef0123456789abcdef0123456789abcdef")
        ]
        scope.terminations = [.init(run: run, instance: InstanceID("i-0"), at: noon)]
        scope.approvals = [.init(plan: "p-1", revision: revision, expires: noon + .hours(1))]
        return scope
    }
}
