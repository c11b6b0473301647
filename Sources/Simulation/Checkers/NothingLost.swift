import Training

/// Promise 3: a committed checkpoint is never overwritten, and never deleted while it is one of
/// the newest two of its lineage or in use.
struct NothingLost: Sendable {
    private struct Checkpoint {
        let etag: ETag
        let parent: CheckpointID?
        let files: [String]
    }

    private struct Run {
        var checkpoints: [CheckpointID: Checkpoint] = [:]
        /// Manifests that no index lists yet, with their writers.
        var pending: [CheckpointID: ProcessID] = [:]
        /// What the index took up last.
        var tip: CheckpointID?
        var named: Set<CheckpointID> = []
    }

    private var runs: [RunName: Run] = [:]
    /// What living trainers went on from.
    private var parents: [InstanceID: CheckpointReference] = [:]

    // MARK: What is in use

    mutating func started(_ run: RunName, on machine: InstanceID, from parent: CheckpointID?) {
        parents[machine] = parent.map { CheckpointReference(run: run, checkpoint: $0) }
    }

    mutating func ended(on machine: InstanceID) { parents[machine] = nil }

    mutating func declared(_ fleet: DesiredFleet) {
        for run in runs.keys { runs[run]?.named = [] }
        for spec in fleet.runs.map(\.spec) {
            guard let from = spec.resumeFrom else { continue }
            runs[from.run ?? spec.name, default: Run()].named.insert(from.checkpoint)
        }
    }

    // MARK: What is written

    /// A file or the manifest of a checkpoint was written.
    mutating func wrote(
        _ key: CheckpointKey, _ etag: ETag, _ manifest: () -> CheckpointManifest?,
        by writer: ProcessID?, at now: Timestamp
    ) -> BrokenPromise? {
        if let known = runs[key.run]?.checkpoints[key.id] {
            let isLost = key.isManifest ? known.etag != etag : known.files.contains(key.key)
            return isLost ? broken(key.run, key.id, "was overwritten", by: writer, now) : nil
        }
        guard key.isManifest, let manifest = manifest() else { return nil }
        runs[key.run, default: Run()].checkpoints[key.id] = Checkpoint(
            etag: etag, parent: manifest.parent, files: manifest.files.map(\.key))
        runs[key.run]?.pending[key.id] = writer
        return nil
    }

    /// The index was written: gives what it lists for the first time, with who uploaded that.
    mutating func wroteIndex(
        _ index: RunIndex, by writer: ProcessID?, at now: Timestamp
    ) -> (committed: [(CheckpointID, ProcessID)], broken: BrokenPromise?) {
        guard var run = runs[index.run] else { return ([], nil) }
        func lists(_ id: CheckpointID) -> Bool { index.checkpoints.contains { $0.id == id } }
        let lost = run.tip.flatMap { lists($0) ? nil : $0 }
        var fresh: [(CheckpointID, ProcessID)] = []
        if !run.pending.isEmpty {
            for (id, uploader) in run.pending.sorted(by: { $0.key < $1.key }) where lists(id) {
                fresh.append((id, uploader))
                run.pending[id] = nil
            }
            run.tip = fresh.last?.0 ?? run.tip
            runs[index.run] = run
        }
        return (
            fresh,
            lost.flatMap {
                broken(index.run, $0, "is not in the index any more", by: writer, now)
            }
        )
    }

    // MARK: What is deleted

    mutating func deleted(
        _ key: CheckpointKey, by writer: ProcessID?, at now: Timestamp
    ) -> BrokenPromise? {
        guard let checkpoint = runs[key.run]?.checkpoints[key.id],
            key.isManifest || checkpoint.files.contains(key.key)
        else { return nil }
        let bar = writer?.machine == nil ? use(of: key.id, key.run) : "by a machine"
        runs[key.run]?.checkpoints[key.id] = nil
        runs[key.run]?.pending[key.id] = nil
        return bar.map { broken(key.run, key.id, "was deleted: \($0)", by: writer, now) }
    }

    private func use(of id: CheckpointID, _ name: RunName) -> String? {
        guard let run = runs[name] else { return nil }
        if run.named.contains(id) { return "a resume_from names it" }
        let reference = CheckpointReference(run: name, checkpoint: id)
        if let machine = parents.first(where: { $0.value == reference })?.key {
            return "the trainer on \(machine) went on from it"
        }
        guard let tip = run.tip else { return nil }
        let newest = [tip, run.checkpoints[tip]?.parent]
        return newest.contains(id) ? "one of the newest two" : nil
    }

    private func broken(
        _ run: RunName, _ id: CheckpointID, _ what: String, by writer: ProcessID?, _ now: Timestamp
    ) -> BrokenPromise {
        BrokenPromise(
            .nothingLost, at: now, run: run, machine: writer?.machine,
            "checkpoint \(id) \(what)" + (writer.map { " (\($0))" } ?? ""))
    }
}

/// The key of an object of a checkpoint.
struct CheckpointKey: Hashable, Sendable {
    let key: String
    let run: RunName
    let id: CheckpointID
    let isManifest: Bool

    /// Nil for every other key.
    init?(_ key: String) {
        guard key.hasPrefix(StoreLayout.runs) else { return nil }
        let parts = key.split(separator: "/", maxSplits: 4)
        guard parts.count == 5, parts[2] == "checkpoints", let run = RunName(String(parts[1])),
            let id = CheckpointID(String(parts[3]))
        else { return nil }
        self.key = key
        self.run = run
        self.id = id
        isManifest = parts[4] == "MANIFEST.json"
    }
}
