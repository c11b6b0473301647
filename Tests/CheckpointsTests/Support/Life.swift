import Checkpoints
import TestSupport
import Training

let runName = RunName("char-gpt") ?? { preconditionFailure("a legal name") }()
let specDigest = SpecDigest(text: "v1:aaaa")
let noon = Timestamp(milliseconds: 1_767_225_600_000)

func id(_ attempt: Int, _ sequence: Int) -> CheckpointID {
    CheckpointID(attempt: attempt, sequence: sequence)
}

/// One machine with its disk: lives of the agent come and go on it.
struct Machine {
    let store: MemoryObjectStore
    let name: String
    let disk: TemporaryDirectory

    init(_ store: MemoryObjectStore, name: String = "i-1") throws {
        self.store = store
        self.name = name
        disk = try TemporaryDirectory()
        disk.makeDirectory("work")
    }

    var files: WorkingDirectory { WorkingDirectory(disk("work")) }

    func boot(attempt: Int, nonce: String) -> Life {
        Life(self, attempt: attempt, nonce: nonce)
    }

    /// Looks once at what no process changes any more.
    func candidates(_ policy: CheckpointPolicy) throws -> [Candidate] {
        let scanner = try CandidateScanner(directory: disk("work"), policy: policy)
        var tracker = CandidateTracker()
        return tracker.observe(try scanner.look(), final: true).ready
    }
}

/// One life of an agent.
struct Life {
    let machine: Machine
    let records: RecordStore
    let index: FencedIndex
    let committer: CheckpointCommitter
    let restorer: CheckpointRestorer

    init(_ machine: Machine, attempt: Int, nonce: String) {
        self.machine = machine
        records = RecordStore(machine.store, writer: nonce)
        index = FencedIndex(
            records: records, run: runName,
            claim: Claim(
                attempt: attempt, ordinal: 1, instance: InstanceID(machine.name), boot: nonce,
                nonce: nonce, at: noon))
        committer = CheckpointCommitter(
            index: index, files: machine.files, staging: machine.disk("staging"))
        restorer = CheckpointRestorer(
            records: records, files: machine.files, staging: machine.disk("staging"))
    }

    static let policy = CheckpointPolicy(path: "ckpt/*", kind: .directory)
    static let context = CommitContext(generation: 1, digest: specDigest, kind: .directory)

    /// Lets the trainer write one directory checkpoint of two files, and commits it.
    @discardableResult
    func commit(_ name: String, _ text: String) async throws -> CommitOutcome {
        machine.disk.write("work/ckpt/\(name)/a.bin", text)
        machine.disk.write("work/ckpt/\(name)/b.bin", text + text)
        let candidates = try machine.candidates(Life.policy)
        guard let candidate = candidates.first(where: { $0.path == "ckpt/\(name)" }) else {
            return .refused(reason: "no candidate")
        }
        return try await committer.commit(candidate, Life.context, at: noon)
    }

    /// Claims, adopts, and names what it goes on from.
    func begin(at head: CheckpointID? = nil) async throws {
        try await index.claim()
        _ = try await index.adoptOrphans(retired: [])
        try await index.setHead(head)
    }
}

extension MemoryObjectStore {
    /// The index as it stands, read behind every fault's back.
    func currentIndex() -> RunIndex? {
        bytes(StoreLayout.index(runName)).flatMap {
            try? CanonicalJSON.decode(RunIndex.self, from: $0)
        }
    }

    /// The manifests as they stand.
    func manifests() -> [CheckpointManifest] {
        keys.filter { $0.hasSuffix("MANIFEST.json") }.compactMap(bytes).compactMap {
            try? CanonicalJSON.decode(CheckpointManifest.self, from: $0)
        }
    }
}
