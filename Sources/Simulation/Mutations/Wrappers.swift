import Reconciliation
import Synchronization
import Training

/// A store that passes every call on, but for those that a conforming type alters.
protocol StoreWrapper: ObjectStore {
    var base: any ObjectStore { get }
}

extension StoreWrapper {
    var identity: StoreIdentity { base.identity }

    func get(
        _ key: String, limit: Int, unless known: ETag?
    ) async throws(StoreFailure) -> StoredRead? {
        try await base.get(key, limit: limit, unless: known)
    }

    func head(_ key: String) async throws(StoreFailure) -> StoredSummary? {
        try await base.head(key)
    }

    func put(
        _ key: String, _ bytes: [UInt8], if condition: WriteCondition
    ) async throws(StoreFailure) -> StoredReceipt {
        try await base.put(key, bytes, if: condition)
    }

    func upload(
        file path: String, to key: String, sha256: Digest, if condition: WriteCondition
    ) async throws(StoreFailure) -> StoredReceipt {
        try await base.upload(file: path, to: key, sha256: sha256, if: condition)
    }

    func download(
        _ key: String, to path: String, size: Int, sha256: Digest
    ) async throws(StoreFailure) {
        try await base.download(key, to: path, size: size, sha256: sha256)
    }

    func delete(_ key: String) async throws(StoreFailure) { try await base.delete(key) }

    func list(prefix: String, limit: Int) async throws(StoreFailure) -> [StoredSummary] {
        try await base.list(prefix: prefix, limit: limit)
    }

    func serverTime() async throws(StoreFailure) -> Timestamp { try await base.serverTime() }
}

/// A provider that passes every call on, but for those that a conforming type alters.
protocol ProviderWrapper: InstanceProvider {
    var base: any InstanceProvider { get }
}

extension ProviderWrapper {
    func describe(scope: String) async throws(ProviderFailure) -> [Instance] {
        try await base.describe(scope: scope)
    }

    func describe(instance id: InstanceID) async throws(ProviderFailure) -> Instance? {
        try await base.describe(instance: id)
    }

    func launch(_ request: LaunchRequest) async throws(LaunchFailure) -> Instance {
        try await base.launch(request)
    }

    func start(_ id: InstanceID) async throws(ProviderFailure) { try await base.start(id) }
    func stop(_ id: InstanceID) async throws(ProviderFailure) { try await base.stop(id) }

    func terminate(_ id: InstanceID) async throws(ProviderFailure) {
        try await base.terminate(id)
    }

    func tag(_ id: InstanceID, _ tags: [String: String]) async throws(ProviderFailure) {
        try await base.tag(id, tags)
    }

    func consoleOutput(of id: InstanceID) async throws(ProviderFailure) -> [UInt8]? {
        try await base.consoleOutput(of: id)
    }

    func placement(for query: PlacementQuery) async throws(ProviderFailure) -> Placement {
        try await base.placement(for: query)
    }
}

/// The providers of all regions, each of them wrapped.
struct WrappedProviders: InstanceProviders {
    let base: any InstanceProviders
    let wrap: @Sendable (any InstanceProvider, String) -> any InstanceProvider

    subscript(region: String) -> any InstanceProvider { wrap(base[region], region) }
}

extension Mutation.Ports {
    /// Wraps the provider of each region, which is given by name.
    mutating func wrapProviders(
        _ wrap: @escaping @Sendable (any InstanceProvider, String) -> any InstanceProvider
    ) {
        providers = WrappedProviders(base: providers, wrap: wrap)
    }
}

/// What a wrapper remembers in one life of its process.
final class Memory<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    init(_ value: Value) {
        self.value = Mutex(value)
    }

    func with<Answer: Sendable>(_ body: (inout Value) -> Answer) -> Answer {
        value.withLock { body(&$0) }
    }
}
