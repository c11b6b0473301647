import AWS
import Training

/// Asks a bucket what it can do, with the rights of whoever asks.
struct StoreProbe: Sendable {
    let location: S3Location
    let region: String
    let client: AWSClient

    func facts() async -> BucketFacts {
        let (location, region, client) = (location, region, client)
        let home = await Unanswered.asking {
            try await Bucket.find(location.bucket, near: region, client: client).region
        }
        guard (try? home.get()) == region else { return BucketFacts(home: home) }
        let store = S3Store(location, region: region, client: client)
        let bucket = store.bucket
        async let reading = Unanswered.asking { try await StoreProbe.read(store) }
        async let writing = Unanswered.asking { try await StoreProbe.write(store) }
        async let isPrivate = Unanswered.asking { try await bucket.blocksPublicAccess() }
        async let uploads = Unanswered.asking { try await bucket.expiresUnfinishedUploads() }
        return BucketFacts(
            home: home, reading: await reading, writing: await writing,
            isPrivate: await isPrivate, expiresUploads: await uploads)
    }

    private static func read(_ store: S3Store) async throws(StoreFailure) {
        _ = try await store.list(prefix: StoreLayout.heartbeats, limit: RecordReader.objectLimit)
        _ = try await store.get(StoreLayout.scope, limit: CanonicalJSON.maximumSize, unless: nil)
    }

    /// Whether the second of two writes that must both find nothing is refused.
    private static func write(_ store: S3Store) async throws(StoreFailure) -> Bool {
        let random = UInt64.random(in: 0...UInt64.max)
        let key = "leases/doctor-\(String(random, radix: 16)).json"
        try await store.put(key, Array("{}".utf8), if: .absent)
        var isRefused = false
        do {
            try await store.put(key, Array("{}".utf8), if: .absent)
        } catch .conditionFailed {
            isRefused = true
        }
        try await store.delete(key)
        return isRefused
    }
}
