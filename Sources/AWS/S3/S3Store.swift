package import Training
import Transport

/// An object store in S3: one bucket and prefix, in one region.
///
/// Conditional writes are `If-None-Match: *` and `If-Match`, and are sent a second time only where
/// the first surely had no effect. An ETag is taken as it comes: under KMS encryption, and for
/// objects of several parts, it is no digest. Needs `s3:GetObject`, `s3:PutObject` and
/// `s3:AbortMultipartUpload` on the objects, `s3:ListBucket` on the bucket, and of an encrypting
/// KMS key `kms:GenerateDataKey` and `kms:Decrypt`; `s3:DeleteObject` only where `delete` is used.
package struct S3Store: ObjectStore {
    /// Of bucket and prefix; the region is no part of it, since names of buckets are global.
    package let identity: StoreIdentity
    package let location: S3Location
    package let bucket: Bucket
    let shape: TransferShape

    /// Sends nothing: what is wrong with the bucket shows at the first call.
    package init(
        _ location: S3Location, region: String, client: AWSClient,
        shape: TransferShape = TransferShape()
    ) {
        identity = StoreIdentity(of: location.description)
        self.location = location
        self.shape = shape
        bucket = Bucket(location.bucket, region: region, client: client)
    }

    package func get(
        _ key: String, limit: Int, unless known: ETag?
    ) async throws(StoreFailure) -> StoredRead? {
        // The range bounds what is sent: the one byte more tells an object beyond the limit.
        let limit = min(limit, 1 << 40)
        let place = try place(of: key)
        var headers = [(name: "Range", value: "bytes=0-\(limit)")]
        if let known { headers.append((name: "If-None-Match", value: known.text)) }
        let object: ObjectHead
        let bytes: [UInt8]
        do throws(AWSFailure) {
            let response = try await bucket.send(
                .get, place, headers: headers,
                responseLimit: max(limit + 1, Bucket.errorLimit))
            bytes = response.body
            object = try ObjectHead(response)
        } catch {
            switch error.status {
            case 304: return .unchanged
            case 404 where error.isMissingObject: return nil
            case 416: return try await empty(key, unless: known)
            default: throw StoreFailure(error, about: key, in: bucket)
            }
        }
        guard object.size <= limit, bytes.count <= limit else {
            throw .tooLarge(key: key, limit: limit)
        }
        return .object(
            StoredObject(bytes: bytes, etag: object.etag, lastModified: object.lastModified))
    }

    package func head(_ key: String) async throws(StoreFailure) -> StoredSummary? {
        guard let object = try await ObjectHead.ask(bucket, try place(of: key), named: key) else {
            return nil
        }
        return StoredSummary(
            key: key, size: object.size, etag: object.etag, lastModified: object.lastModified)
    }

    @discardableResult
    package func put(
        _ key: String, _ bytes: [UInt8], if condition: WriteCondition
    ) async throws(StoreFailure) -> StoredReceipt {
        let place = try place(of: key)
        do throws(AWSFailure) {
            let response = try await bucket.send(
                .put, place, headers: condition.headers, body: .bytes(bytes),
                retries: condition.retries)
            return StoredReceipt(etag: try response.etag())
        } catch {
            throw StoreFailure(error, about: key, in: bucket)
        }
    }

    package func delete(_ key: String) async throws(StoreFailure) {
        let place = try place(of: key)
        do throws(AWSFailure) {
            _ = try await bucket.send(.delete, place)
        } catch {
            guard !error.isMissingObject else { return }
            throw StoreFailure(error, about: key, in: bucket)
        }
    }

    package func list(prefix: String, limit: Int) async throws(StoreFailure) -> [StoredSummary] {
        let base = location.prefix.isEmpty ? "" : location.prefix + "/"
        let found = try await ObjectListing(bucket: bucket, prefix: base + prefix)
            .collect(limit: limit, named: prefix)
        return found.compactMap { summary in
            var summary = summary
            summary.key = summary.name(below: base)
            // Keys that the port cannot name, such as the folders that the console makes.
            return (try? ObjectKey(summary.key)) == nil ? nil : summary
        }
    }

    package func serverTime() async throws(StoreFailure) -> Timestamp {
        if let time = bucket.clock.now() { return time }
        try await bucket.confirm()
        guard let time = bucket.clock.now() else {
            throw .unavailable("\(bucket.name): the answer has no Date")
        }
        return time
    }

    /// The key in the bucket.
    func place(of key: String) throws(StoreFailure) -> String {
        let key = try ObjectKey(key).text
        let place = location.prefix.isEmpty ? key : "\(location.prefix)/\(key)"
        guard place.utf8.count <= 1024 else {
            throw .local("with its prefix the key is longer than S3's 1,024 bytes: \(key)")
        }
        return place
    }

    /// No range lies in an object without bytes, so S3 refuses it.
    private func empty(
        _ key: String, unless known: ETag?
    ) async throws(StoreFailure) -> StoredRead? {
        guard let summary = try await head(key) else { return nil }
        if summary.etag == known { return .unchanged }
        guard summary.size == 0 else {
            throw .unavailable("\(key) was written while it was read")
        }
        return .object(
            StoredObject(bytes: [], etag: summary.etag, lastModified: summary.lastModified))
    }
}

extension WriteCondition {
    var headers: [(name: String, value: String)] {
        switch self {
        case .absent: [(name: "If-None-Match", value: "*")]
        case .matches(let etag): [(name: "If-Match", value: etag.text)]
        case .always: []
        }
    }

    /// A condition that held once does not hold again: a second send would refuse our own write.
    var retries: AWSRequest.Retries { self == .always ? .safe : .refusals }
}
