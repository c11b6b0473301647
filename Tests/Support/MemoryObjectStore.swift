package import Training

/// An object store in memory for tests: conditional writes as the port promises them, a log of its
/// calls, and faults on demand.
package actor MemoryObjectStore: ObjectStore {
    package enum Operation: String, Sendable {
        case get
        case head
        case put
        case upload
        case download
        case delete
        case list
        case serverTime

        package var writes: Bool { self == .put || self == .upload || self == .delete }
    }

    /// One call as the store saw it, numbered from 1.
    package struct Call: Hashable, Sendable {
        package var number: Int
        package var operation: Operation
        /// The prefix of a list; empty for `serverTime`.
        package var key: String
    }

    package enum Fault: Sendable {
        /// Nothing happens; the caller gets this error.
        case refused(StoreFailure)
        /// The call takes effect, but the caller gets `.unavailable`.
        case lostReply
    }

    package nonisolated let identity = StoreIdentity(of: "memory")

    /// Every call so far, oldest first.
    package private(set) var calls: [Call] = []
    /// The keys that were written while they existed already, in order.
    package private(set) var overwritten: [String] = []
    /// The time that the next write gets; each write moves it on by one millisecond.
    package var now = Timestamp(milliseconds: 1_767_225_600_000)

    private var objects: [String: StoredObject] = [:]
    private var faults: (@Sendable (Call) -> Fault?)?
    private var interposed: (@Sendable (Call) async -> Void)?

    package init() {}

    // MARK: What a test can do to it

    /// Asks `decide` before each call; nil: no fault.
    package func setFaults(_ decide: (@Sendable (Call) -> Fault?)?) {
        faults = decide
    }

    /// Runs `body` before each call takes effect: a place for another writer to step in.
    ///
    /// Calls that `body` makes itself run it again, so it guards itself.
    package func interpose(_ body: (@Sendable (Call) async -> Void)?) {
        interposed = body
    }

    package func clearCalls() {
        calls = []
        overwritten = []
    }

    package func advance(_ span: Seconds) {
        now = now + span
    }

    package func setTime(_ time: Timestamp) {
        now = time
    }

    /// Every key, sorted.
    package var keys: [String] { objects.keys.sorted() }

    package func bytes(_ key: String) -> [UInt8]? { objects[key]?.bytes }

    /// Sets bytes behind the back of every writer.
    package func plant(_ key: String, _ bytes: [UInt8]) {
        _ = store(key, bytes)
    }

    /// Changes stored bytes behind the back of every writer, as rot would: the ETag stays.
    package func damage(_ key: String, _ change: (inout [UInt8]) -> Void) {
        guard var object = objects[key] else { return }
        change(&object.bytes)
        objects[key] = object
    }

    package func remove(_ key: String) {
        objects[key] = nil
    }

    // MARK: The port

    package func get(
        _ key: String, limit: Int, unless known: ETag?
    ) async throws(StoreFailure) -> StoredRead? {
        try await perform(.get, key) { () throws(StoreFailure) in
            _ = try ObjectKey(key)
            guard let object = objects[key] else { return nil }
            if object.etag == known { return .unchanged }
            guard object.bytes.count <= limit else { throw .tooLarge(key: key, limit: limit) }
            return .object(object)
        }
    }

    package func head(_ key: String) async throws(StoreFailure) -> StoredSummary? {
        try await perform(.head, key) { () throws(StoreFailure) in summary(key) }
    }

    @discardableResult
    package func put(
        _ key: String, _ bytes: [UInt8], if condition: WriteCondition
    ) async throws(StoreFailure) -> StoredReceipt {
        try await perform(.put, key) { () throws(StoreFailure) in
            try write(key, bytes, if: condition)
        }
    }

    @discardableResult
    package func upload(
        file path: String, to key: String, sha256: Digest, if condition: WriteCondition
    ) async throws(StoreFailure) -> StoredReceipt {
        try await perform(.upload, key) { () throws(StoreFailure) in
            guard let bytes = LocalFile.read(path) else { throw .local("\(path) is not readable") }
            guard Digest(of: bytes) == sha256 else {
                throw .corrupt(key: key, detail: "the file's SHA-256 differs")
            }
            return try write(key, bytes, if: condition)
        }
    }

    package func download(
        _ key: String, to path: String, size: Int, sha256: Digest
    ) async throws(StoreFailure) {
        try await perform(.download, key) { () throws(StoreFailure) in
            guard let object = objects[key] else {
                throw .corrupt(key: key, detail: "the object does not exist")
            }
            guard object.bytes.count == size else {
                throw .corrupt(key: key, detail: "\(object.bytes.count) bytes, not \(size)")
            }
            guard Digest(of: object.bytes) == sha256 else {
                throw .corrupt(key: key, detail: "the SHA-256 differs")
            }
            guard LocalFile.write(path, object.bytes) else {
                throw .local("\(path) is not writable")
            }
        }
    }

    package func delete(_ key: String) async throws(StoreFailure) {
        try await perform(.delete, key) { () throws(StoreFailure) in
            objects[try ObjectKey(key).text] = nil
        }
    }

    package func list(prefix: String, limit: Int) async throws(StoreFailure) -> [StoredSummary] {
        try await perform(.list, prefix) { () throws(StoreFailure) in
            let found = objects.keys.filter { $0.hasPrefix(prefix) }.sorted().compactMap(summary)
            guard found.count <= limit else { throw .tooLarge(key: prefix, limit: limit) }
            return found
        }
    }

    package func serverTime() async throws(StoreFailure) -> Timestamp {
        try await perform(.serverTime, "") { () throws(StoreFailure) in now }
    }

    // MARK: How a call runs

    private func perform<Answer: Sendable>(
        _ operation: Operation, _ key: String, _ body: () throws(StoreFailure) -> Answer
    ) async throws(StoreFailure) -> Answer {
        let call = Call(number: calls.count + 1, operation: operation, key: key)
        calls.append(call)
        await interposed?(call)
        switch faults?(call) {
        case nil: return try body()
        case .refused(let failure): throw failure
        case .lostReply:
            _ = try body()
            throw .unavailable("the reply to call \(call.number) was lost")
        }
    }

    private func write(
        _ key: String, _ bytes: [UInt8], if condition: WriteCondition
    ) throws(StoreFailure) -> StoredReceipt {
        _ = try ObjectKey(key)
        switch condition {
        case .absent where objects[key] != nil: throw .conditionFailed(key: key)
        case .matches(let etag) where objects[key]?.etag != etag:
            throw .conditionFailed(key: key)
        default: return store(key, bytes)
        }
    }

    private func store(_ key: String, _ bytes: [UInt8]) -> StoredReceipt {
        if objects[key] != nil { overwritten.append(key) }
        now = Timestamp(milliseconds: now.milliseconds + 1)
        // A content hash, as S3's often is: equal bytes get equal tags.
        let etag = ETag(String(Digest(of: bytes).hex.prefix(32)))
        objects[key] = StoredObject(bytes: bytes, etag: etag, lastModified: now)
        return StoredReceipt(etag: etag)
    }

    private func summary(_ key: String) -> StoredSummary? {
        objects[key].map {
            StoredSummary(
                key: key, size: $0.bytes.count, etag: $0.etag, lastModified: $0.lastModified)
        }
    }
}
