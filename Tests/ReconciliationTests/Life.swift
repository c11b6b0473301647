import Synchronization
import TestSupport
import Training

/// One life of a process: it ends at a chosen call to the world, before or after that call takes
/// effect; from then on no call leaves the process.
final class Life: Sendable {
    enum End: CaseIterable, Sendable {
        case before
        case after
    }

    private struct State {
        var calls = 0
        var isOver = false
    }

    private let state = Mutex(State())
    private let last: Int
    private let end: End

    init(endsAt last: Int, _ end: End) {
        self.last = last
        self.end = end
    }

    /// Whether the chosen call was reached.
    var isOver: Bool { state.withLock { $0.isOver } }

    /// How a call goes: made and answered, made but never answered, or never made.
    func next() -> (isMade: Bool, isAnswered: Bool) {
        state.withLock {
            guard !$0.isOver else { return (false, false) }
            $0.calls += 1
            guard $0.calls == last else { return (true, true) }
            $0.isOver = true
            return (end == .after, false)
        }
    }
}

/// The store as a process sees it that may die.
struct MortalStore: ObjectStore {
    let store: MemoryObjectStore
    let life: Life

    var identity: StoreIdentity { store.identity }

    private func pass<Answer>(
        _ body: () async throws(StoreFailure) -> Answer
    ) async throws(StoreFailure) -> Answer {
        let (isMade, isAnswered) = life.next()
        guard isMade else { throw .unavailable("dead") }
        let answer = try await body()
        guard isAnswered else { throw .unavailable("dead") }
        return answer
    }

    func get(_ key: String, limit: Int, unless known: ETag?) async throws(StoreFailure)
        -> StoredRead?
    {
        try await pass { () async throws(StoreFailure) in
            try await store.get(key, limit: limit, unless: known)
        }
    }

    func head(_ key: String) async throws(StoreFailure) -> StoredSummary? {
        try await pass { () async throws(StoreFailure) in try await store.head(key) }
    }

    func put(
        _ key: String, _ bytes: [UInt8], if condition: WriteCondition
    ) async throws(StoreFailure) -> StoredReceipt {
        try await pass { () async throws(StoreFailure) in
            try await store.put(key, bytes, if: condition)
        }
    }

    func upload(
        file path: String, to key: String, sha256: Digest, if condition: WriteCondition
    ) async throws(StoreFailure) -> StoredReceipt {
        try await pass { () async throws(StoreFailure) in
            try await store.upload(file: path, to: key, sha256: sha256, if: condition)
        }
    }

    func download(
        _ key: String, to path: String, size: Int, sha256: Digest
    ) async throws(StoreFailure) {
        try await pass { () async throws(StoreFailure) in
            try await store.download(key, to: path, size: size, sha256: sha256)
        }
    }

    func delete(_ key: String) async throws(StoreFailure) {
        try await pass { () async throws(StoreFailure) in try await store.delete(key) }
    }

    func list(prefix: String, limit: Int) async throws(StoreFailure) -> [StoredSummary] {
        try await pass { () async throws(StoreFailure) in
            try await store.list(prefix: prefix, limit: limit)
        }
    }

    func serverTime() async throws(StoreFailure) -> Timestamp {
        try await pass { () async throws(StoreFailure) in try await store.serverTime() }
    }
}

/// The provider as a process sees it that may die.
struct MortalProvider: InstanceProvider, InstanceProviders {
    let provider: MemoryInstanceProvider
    let life: Life

    subscript(region: String) -> any InstanceProvider { self }

    private func pass<Answer>(
        _ body: () async throws(ProviderFailure) -> Answer
    ) async throws(ProviderFailure) -> Answer {
        let (isMade, isAnswered) = life.next()
        guard isMade else { throw .unavailable("dead") }
        let answer = try await body()
        guard isAnswered else { throw .unavailable("dead") }
        return answer
    }

    func describe(scope: String) async throws(ProviderFailure) -> [Instance] {
        try await pass { () async throws(ProviderFailure) in
            try await provider.describe(scope: scope)
        }
    }

    func describe(instance id: InstanceID) async throws(ProviderFailure) -> Instance? {
        try await pass { () async throws(ProviderFailure) in
            try await provider.describe(instance: id)
        }
    }

    func launch(_ request: LaunchRequest) async throws(LaunchFailure) -> Instance {
        let (isMade, isAnswered) = life.next()
        guard isMade else { throw .unanswered("dead") }
        let instance = try await provider.launch(request)
        guard isAnswered else { throw .unanswered("dead") }
        return instance
    }

    func start(_ id: InstanceID) async throws(ProviderFailure) {
        try await pass { () async throws(ProviderFailure) in try await provider.start(id) }
    }

    func stop(_ id: InstanceID) async throws(ProviderFailure) {
        try await pass { () async throws(ProviderFailure) in try await provider.stop(id) }
    }

    func terminate(_ id: InstanceID) async throws(ProviderFailure) {
        try await pass { () async throws(ProviderFailure) in try await provider.terminate(id) }
    }

    func tag(_ id: InstanceID, _ tags: [String: String]) async throws(ProviderFailure) {
        try await pass { () async throws(ProviderFailure) in try await provider.tag(id, tags) }
    }

    func consoleOutput(of id: InstanceID) async throws(ProviderFailure) -> [UInt8]? {
        try await pass { () async throws(ProviderFailure) in
            try await provider.consoleOutput(of: id)
        }
    }

    func placement(
        for query: PlacementQuery
    ) async throws(ProviderFailure) -> Placement {
        try await pass { () async throws(ProviderFailure) in
            try await provider.placement(for: query)
        }
    }
}
