import Simulation
import Synchronization
import TestSupport
import Training

/// A simulated cloud that several asynchronous callers share, in a time of its own: it passes only
/// while one of them sleeps.
final class SharedCloud: WallClock {
    private let cloud: Mutex<SimulatedCloud>

    init(_ cloud: SimulatedCloud) {
        self.cloud = Mutex(cloud)
    }

    func now() -> Timestamp {
        cloud.withLock { $0.now }
    }

    func sleep(for span: Duration) async throws {
        cloud.withLock {
            let milliseconds = Int64(span / .milliseconds(1))
            _ = $0.advance(to: Timestamp(milliseconds: $0.now.milliseconds + milliseconds))
        }
    }

    func with<Answer, Failure>(
        _ body: (inout SimulatedCloud, Timestamp) throws(Failure) -> Answer
    ) throws(Failure) -> Answer where Answer: Sendable {
        let answer: Result<Answer, Failure> = cloud.withLock { cloud in
            do throws(Failure) {
                return .success(try body(&cloud, cloud.now))
            } catch {
                return .failure(error)
            }
        }
        return try answer.get()
    }
}

/// A simulated store behind the asynchronous port.
struct SharedStore: ObjectStore {
    let cloud: SharedCloud
    let store: SimulatedStore

    var identity: StoreIdentity { store.identity }

    func get(
        _ key: String, limit: Int, unless known: ETag?
    ) async throws(StoreFailure) -> StoredRead? {
        try cloud.with { cloud, _ throws(StoreFailure) in
            try store.get(key, limit: limit, unless: known, from: cloud.s3)
        }
    }

    func head(_ key: String) async throws(StoreFailure) -> StoredSummary? {
        try cloud.with { cloud, _ throws(StoreFailure) in try store.head(key, in: cloud.s3) }
    }

    func put(
        _ key: String, _ bytes: [UInt8], if condition: WriteCondition
    ) async throws(StoreFailure) -> StoredReceipt {
        try cloud.with { cloud, now throws(StoreFailure) in
            try store.put(key, bytes, if: condition, to: &cloud.s3, at: now)
        }
    }

    func upload(
        file path: String, to key: String, sha256: Digest, if condition: WriteCondition
    ) async throws(StoreFailure) -> StoredReceipt {
        guard let bytes = LocalFile.read(path) else { throw .local("\(path) is not readable") }
        return try cloud.with { cloud, now throws(StoreFailure) in
            try store.upload(
                bytes, to: key, sha256: sha256, if: condition, to: &cloud.s3, at: now)
        }
    }

    func download(
        _ key: String, to path: String, size: Int, sha256: Digest
    ) async throws(StoreFailure) {
        let bytes = try cloud.with { cloud, _ throws(StoreFailure) in
            try store.download(key, size: size, sha256: sha256, from: cloud.s3)
        }
        guard LocalFile.write(path, bytes) else { throw .local("\(path) is not writable") }
    }

    func delete(_ key: String) async throws(StoreFailure) {
        try cloud.with { cloud, _ throws(StoreFailure) in
            try store.delete(key, from: &cloud.s3)
        }
    }

    func list(prefix: String, limit: Int) async throws(StoreFailure) -> [StoredSummary] {
        try cloud.with { cloud, _ throws(StoreFailure) in
            try store.list(prefix: prefix, limit: limit, in: cloud.s3)
        }
    }

    func serverTime() async throws(StoreFailure) -> Timestamp { cloud.now() }
}

/// A simulated EC2 behind the asynchronous port.
struct SharedProvider: InstanceProvider {
    let cloud: SharedCloud
    let provider: SimulatedProvider

    func describe(scope: String) async throws(ProviderFailure) -> [Instance] {
        try cloud.with { cloud, now throws(ProviderFailure) in
            try provider.describe(scope: scope, in: &cloud, at: now)
        }
    }

    func describe(instance id: InstanceID) async throws(ProviderFailure) -> Instance? {
        try cloud.with { cloud, now throws(ProviderFailure) in
            try provider.describe(instance: id, in: &cloud, at: now)
        }
    }

    func launch(_ request: LaunchRequest) async throws(LaunchFailure) -> Instance {
        try cloud.with { cloud, now throws(LaunchFailure) in
            try provider.launch(request, in: &cloud, at: now)
        }
    }

    func start(_ id: InstanceID) async throws(ProviderFailure) {
        try cloud.with { cloud, now throws(ProviderFailure) in
            try provider.start(id, in: &cloud, at: now)
        }
    }

    func stop(_ id: InstanceID) async throws(ProviderFailure) {
        try cloud.with { cloud, now throws(ProviderFailure) in
            try provider.stop(id, in: &cloud, at: now)
        }
    }

    func terminate(_ id: InstanceID) async throws(ProviderFailure) {
        try cloud.with { cloud, now throws(ProviderFailure) in
            try provider.terminate(id, in: &cloud, at: now)
        }
    }

    func tag(_ id: InstanceID, _ tags: [String: String]) async throws(ProviderFailure) {
        try cloud.with { cloud, now throws(ProviderFailure) in
            try provider.tag(id, tags, in: &cloud, at: now)
        }
    }

    func consoleOutput(of id: InstanceID) async throws(ProviderFailure) -> [UInt8]? {
        try cloud.with { cloud, now throws(ProviderFailure) in
            try provider.consoleOutput(of: id, in: &cloud, at: now)
        }
    }

    func placement(for query: PlacementQuery) async throws(ProviderFailure) -> Placement {
        try cloud.with { cloud, now throws(ProviderFailure) in
            try provider.placement(for: query, in: &cloud, at: now)
        }
    }
}
