import Checkpoints
import Supervision
import Training

extension FuzzTarget {
    /// The JSON objects of the store, written by machines that are not trusted.
    static let records = FuzzTarget(
        "records", longest: 8192, samples: ["TrainingTests/Golden"]
    ) { bytes in
        try requireJSONKept(bytes)
        if let ledger: Ledger = try record(bytes, at: { StoreLayout.ledger($0.run) }) {
            try requireUsable(ledger)
        }
        if let index: RunIndex = try record(bytes, at: { StoreLayout.index($0.run) }) {
            try requireUsable(index)
        }
        if let scope: ScopeRecord = try record(bytes, at: { _ in StoreLayout.scope }) {
            var approved = scope
            approved.approve("plan", at: HostileFleet.revision, now: HostileFleet.now)
            try require(!approved.approvals.isEmpty, "an approval is lost")
        }
        let _: Heartbeat? = try record(bytes, at: { _ in "heartbeats/a/1-0" })
        if let found: CheckpointManifest = try record(
            bytes, at: { StoreLayout.manifest($0.run, $0.id) })
        {
            try requireInside(found)
        }
        if let spec = try? CanonicalJSON.decode(RunSpec.self, from: bytes) {
            try requireStorable(spec, "spec")
            try requireStorable(spec.forAgent, "spec for the agent")
        }
        if let told = try? AgentConfiguration(userData: bytes) {
            try requireStorable(told, "user data")
        }
    }

    /// What a reader accepts: decoded, and within its bounds.
    private static func record<Record: StoredRecord>(
        _ bytes: [UInt8], at key: (Record) -> String
    ) throws -> Record? {
        guard let record = try? CanonicalJSON.decode(Record.self, from: bytes) else { return nil }
        try requireStorable(record, "\(Record.self)")
        if let defect = record.defect(at: key(record)) {
            try requireClean(defect)
            return nil
        }
        return record
    }

    private static func requireUsable(_ index: RunIndex) throws {
        let lineage = index.lineage
        try require(lineage.count <= index.checkpoints.count, "a lineage without end")
        try require(
            zip(lineage, lineage.dropFirst()).allSatisfy { $0.id > $1.id },
            "a lineage that turns back")
        try require(
            Set(index.candidates(generation: 1, digest: SpecDigest(text: "v1:0"), retired: []))
                .isSubset(of: lineage), "a candidate off the lineage")
        try HostileFleet(index).requirePlanned()
    }

    private static func requireUsable(_ ledger: Ledger) throws {
        let machine = InstanceID("i-1")
        for attempt in 1...3 {
            _ = Assignment(of: machine, launchedFor: attempt, ordinal: 1, in: ledger)
        }
        for launch in ledger.openLaunches { _ = ledger.region(of: launch) }
    }

    /// Nothing that a machine lists is written outside of the working directory.
    private static func requireInside(_ checkpoint: CheckpointManifest) throws {
        try require(checkpoint.size >= 0, "a checkpoint of less than nothing")
        for file in checkpoint.files {
            let parts = file.path.utf8.split(separator: 47, omittingEmptySubsequences: false)
            let leaves = parts.contains { $0.isEmpty || $0.elementsEqual("..".utf8) }
            try require(!leaves, "a file outside of the working directory")
        }
    }

    /// Any JSON that is read is the same when it is written and read again.
    private static func requireJSONKept(_ bytes: [UInt8]) throws {
        guard let tree = try? CanonicalJSON.decode(AnyJSON.self, from: bytes) else { return }
        try requireStorable(tree, "JSON")
    }
}

/// Any JSON value.
private indirect enum AnyJSON: Codable, Hashable {
    case null
    case boolean(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case list([AnyJSON])
    case object([String: AnyJSON])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([AnyJSON].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: AnyJSON].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .boolean(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .list(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}
