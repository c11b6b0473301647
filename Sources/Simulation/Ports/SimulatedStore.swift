package import Training

/// The port `ObjectStore` as a simulated S3 answers it, at once: one bucket and prefix.
///
/// Asks S3 directly: no identity, no fault rule, no entry in the log of calls. Means what the
/// client of the real S3 means; the contract of all stores runs on both.
package struct SimulatedStore: Hashable, Sendable {
    package let identity: StoreIdentity
    package let location: S3Location
    package let region: String
    /// What stands before each key in the bucket.
    private let base: String

    package init(_ location: S3Location, region: String) {
        self.location = location
        self.region = region
        identity = StoreIdentity(of: location.description)
        base = location.prefix.isEmpty ? "" : location.prefix + "/"
    }

    // MARK: Reads

    package func get(
        _ key: String, limit: Int, unless known: ETag?, from s3: SimulatedS3
    ) throws(StoreFailure) -> StoredRead? {
        guard let object = try object(key, in: s3) else { return nil }
        if let known, known.text == object.etag { return .unchanged }
        guard object.content.count <= limit else { throw .tooLarge(key: key, limit: limit) }
        return .object(
            StoredObject(
                bytes: object.content.bytes, etag: ETag(object.etag),
                lastModified: object.lastModified))
    }

    package func head(
        _ key: String, in s3: SimulatedS3
    ) throws(StoreFailure) -> StoredSummary? {
        try object(key, in: s3).map { summary(of: $0, key) }
    }

    /// Every object below `prefix` but those whose keys the port cannot name.
    package func list(
        prefix: String, limit: Int, in s3: SimulatedS3
    ) throws(StoreFailure) -> [StoredSummary] {
        let bucket = try bucket(in: s3)
        let start = SimulatedS3.Key(base + prefix)
        var found: [StoredSummary] = []
        var count = 0
        for at in bucket.keys.partitioningIndex(where: { $0 >= start })..<bucket.keys.count {
            guard bucket.keys[at].starts(with: start) else { break }
            count += 1
            guard count <= limit else { throw .tooLarge(key: prefix, limit: limit) }
            guard let object = bucket.objects[bucket.keys[at]] else { continue }
            let key = String(object.key.dropFirst(base.count))
            if (try? ObjectKey(key)) != nil { found.append(summary(of: object, key)) }
        }
        return found
    }

    /// The bytes of an object, which must have this size and digest.
    package func download(
        _ key: String, size: Int, sha256: Digest, from s3: SimulatedS3
    ) throws(StoreFailure) -> [UInt8] {
        guard let object = try object(key, in: s3) else {
            throw .corrupt(key: key, detail: "the object is missing")
        }
        guard object.content.count == size else {
            throw .corrupt(key: key, detail: "\(object.content.count) bytes, not \(size)")
        }
        guard object.content.sha256 == sha256 else {
            throw .corrupt(key: key, detail: "its digest differs")
        }
        return object.content.bytes
    }

    // MARK: Writes

    @discardableResult
    package func put(
        _ key: String, _ bytes: [UInt8], if condition: WriteCondition,
        to s3: inout SimulatedS3, at moment: Timestamp
    ) throws(StoreFailure) -> StoredReceipt {
        let content = StoredContent(bytes)
        return try write(
            key, content, sha256: content.sha256, if: condition, to: &s3, at: moment)
    }

    /// As `put`, of bytes that must have this digest.
    @discardableResult
    package func upload(
        _ bytes: [UInt8], to key: String, sha256: Digest, if condition: WriteCondition,
        to s3: inout SimulatedS3, at moment: Timestamp
    ) throws(StoreFailure) -> StoredReceipt {
        let content = StoredContent(bytes)
        guard content.sha256 == sha256 else {
            throw .corrupt(key: key, detail: "it has other bytes than promised")
        }
        return try write(key, content, sha256: sha256, if: condition, to: &s3, at: moment)
    }

    package func delete(
        _ key: String, from s3: inout SimulatedS3
    ) throws(StoreFailure) {
        let place = try place(of: key)
        _ = try bucket(in: s3)
        s3.buckets[location.bucket]?.remove(SimulatedS3.Key(place))
    }

    /// Writes an object's own bytes once more: nothing changes but its time; nothing happens
    /// where there is none, or a later one.
    ///
    /// Many heartbeats of the same bytes are one such write of the last.
    package func renew(_ key: String, in s3: inout SimulatedS3, at moment: Timestamp) {
        guard let place = try? place(of: key) else { return }
        s3.buckets[location.bucket]?.objects[SimulatedS3.Key(place)]?.renew(
            at: moment.inWholeSeconds)
    }

    private func write(
        _ key: String, _ content: StoredContent, sha256: Digest, if condition: WriteCondition,
        to s3: inout SimulatedS3, at moment: Timestamp
    ) throws(StoreFailure) -> StoredReceipt {
        var write = SimulatedS3.Write(location.bucket, try place(of: key))
        switch condition {
        case .absent: write.ifAbsent = true
        case .matches(let etag): write.ifMatch = etag.text
        case .always: break
        }
        _ = try bucket(in: s3)
        do throws(CloudFailure) {
            let object = try s3.putObject(write, content, sha256: sha256, at: moment)
            return StoredReceipt(etag: ETag(object.etag))
        } catch {
            throw StoreFailure(error, about: key, in: location.bucket)
        }
    }

    // MARK: Places

    /// The key in the bucket.
    func place(of key: String) throws(StoreFailure) -> String {
        _ = try ObjectKey(key)
        guard base.utf8.count + key.utf8.count <= 1024 else {
            throw .local("with its prefix the key is longer than S3's 1,024 bytes: \(key)")
        }
        return base + key
    }

    private func bucket(in s3: SimulatedS3) throws(StoreFailure) -> SimulatedS3.Bucket {
        guard let bucket = s3.buckets[location.bucket] else {
            throw StoreFailure(.noSuchBucket, about: location.bucket, in: location.bucket)
        }
        guard bucket.region == region else {
            throw .denied("\(location.bucket): the bucket is in \(bucket.region), not in \(region)")
        }
        return bucket
    }

    private func object(
        _ key: String, in s3: SimulatedS3
    ) throws(StoreFailure) -> SimulatedS3.Object? {
        let place = try place(of: key)
        return try bucket(in: s3).objects[SimulatedS3.Key(place)]
    }

    private func summary(of object: SimulatedS3.Object, _ key: String) -> StoredSummary {
        StoredSummary(
            key: key, size: object.content.count, etag: ETag(object.etag),
            lastModified: object.lastModified)
    }
}

extension SimulatedS3.Object {
    fileprivate mutating func renew(at moment: Timestamp) {
        lastModified = max(lastModified, moment)
    }
}
