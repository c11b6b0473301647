import Training

/// The store as one process of the world reaches it.
struct WorldStore: ObjectStore {
    let world: World
    let process: ProcessID
    let bucket: SimulatedStore

    init(world: World, process: ProcessID) {
        self.world = world
        self.process = process
        bucket = world.bucket
    }

    var identity: StoreIdentity { bucket.identity }

    func get(
        _ key: String, limit: Int, unless known: ETag?
    ) async throws(StoreFailure) -> StoredRead? {
        try await read(.object(key: key), .get) { [bucket] state throws(StoreFailure) in
            try bucket.get(key, limit: limit, unless: known, from: state.cloud.s3)
        }
    }

    func head(_ key: String) async throws(StoreFailure) -> StoredSummary? {
        try await call(.head) { [bucket] state throws(StoreFailure) in
            try bucket.head(key, in: state.cloud.s3)
        }
    }

    func put(
        _ key: String, _ bytes: [UInt8], if condition: WriteCondition
    ) async throws(StoreFailure) -> StoredReceipt {
        try await call(.put) { [bucket, process] state throws(StoreFailure) in
            let receipt = try bucket.put(
                key, bytes, if: condition, to: &state.cloud.s3, at: state.now)
            state.wrote(key, receipt.etag, by: process)
            return receipt
        }
    }

    /// `path` names a file on the disk of the machine that asks.
    func upload(
        file path: String, to key: String, sha256: Digest, if condition: WriteCondition
    ) async throws(StoreFailure) -> StoredReceipt {
        try await call(.upload) { [bucket, process] state throws(StoreFailure) in
            let bytes = try state.file(path, of: process)
            let receipt = try bucket.upload(
                bytes, to: key, sha256: sha256, if: condition, to: &state.cloud.s3, at: state.now)
            state.wrote(key, receipt.etag, by: process)
            return receipt
        }
    }

    func download(
        _ key: String, to path: String, size: Int, sha256: Digest
    ) async throws(StoreFailure) {
        try await call(.download) { [bucket, process] state throws(StoreFailure) in
            let bytes = try bucket.download(key, size: size, sha256: sha256, from: state.cloud.s3)
            try state.write(bytes, to: path, of: process)
        }
    }

    func delete(_ key: String) async throws(StoreFailure) {
        try await call(.delete) { [bucket, process] state throws(StoreFailure) in
            try bucket.delete(key, from: &state.cloud.s3)
            state.deleted(key, by: process)
        }
    }

    func list(prefix: String, limit: Int) async throws(StoreFailure) -> [StoredSummary] {
        try await read(.list(prefix: prefix), .list) { state throws(StoreFailure) in
            if prefix == StoreLayout.heartbeats { state.renewHeartbeats() }
            return try state.list(prefix, limit: limit)
        }
    }

    func serverTime() async throws(StoreFailure) -> Timestamp {
        try await call(.time) { state throws(StoreFailure) in state.now }
    }

    private func read<Answer: Sendable>(
        _ reading: WorldFact.Reading, _ verb: PortCall.StoreVerb,
        _ body: @escaping @Sendable (inout WorldState) throws(StoreFailure) -> Answer
    ) async throws(StoreFailure) -> Answer {
        try await world.read(
            reading, .store(verb), by: process, lost: .unavailable("no answer"), body)
    }

    private func call<Answer: Sendable>(
        _ verb: PortCall.StoreVerb,
        _ body: @escaping @Sendable (inout WorldState) throws(StoreFailure) -> Answer
    ) async throws(StoreFailure) -> Answer {
        try await world.call(.store(verb), by: process, lost: .unavailable("no answer"), body)
    }
}
