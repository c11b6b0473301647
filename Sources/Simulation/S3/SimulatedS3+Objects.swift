package import Training

extension SimulatedS3 {
    /// What a write asks for besides its bytes.
    package struct Write: Hashable, Sendable {
        package var bucket: String
        package var key: String
        /// `If-None-Match: *`.
        package var ifAbsent = false
        /// `If-Match`, without quotes.
        package var ifMatch: String?
        /// What the client says that the bytes sum up to.
        package var checksum: ContentChecksum?
        package var contentType: String?
        package var metadata: [String: String] = [:]
        /// `x-amz-server-side-encryption`.
        package var encryption: String?
        package var kmsKey: String?

        package init(_ bucket: String, _ key: String) {
            self.bucket = bucket
            self.key = key
        }
    }

    /// Puts an object whole.
    package mutating func putObject(
        _ write: Write, _ content: StoredContent, at now: Timestamp
    ) throws(CloudFailure) -> Object {
        try putObject(write, content, sha256: content.sha256, at: now)
    }

    /// `sha256` is that of the content.
    mutating func putObject(
        _ write: Write, _ content: StoredContent, sha256: Digest, at now: Timestamp
    ) throws(CloudFailure) -> Object {
        try checkKey(write.key)
        let usual = try bucket(write.bucket).encryption
        try verify(write.checksum, of: content)
        try checkConditions(write)
        let object = Object(
            key: write.key, content: content, etag: String(sha256.hex.prefix(32)),
            lastModified: now.inWholeSeconds, contentType: write.contentType,
            metadata: write.metadata,
            encryption: write.encryption ?? usual, kmsKey: write.kmsKey,
            givenChecksum: write.checksum,
            isFullChecksum: true)
        buckets[write.bucket]?.store(object)
        return object
    }

    /// An object for GET or HEAD.
    ///
    /// `ifNoneMatch` gives 304 NotModified, `ifMatch` 412 PreconditionFailed.
    package func getObject(
        _ bucket: String, _ key: String, ifMatch: String? = nil, ifNoneMatch: String? = nil
    ) throws(CloudFailure) -> Object {
        guard let object = try self.bucket(bucket).objects[Key(key)] else {
            throw .noSuchKey
        }
        if let ifMatch, ifMatch != object.etag { throw .preconditionFailed("If-Match") }
        if let ifNoneMatch, ifNoneMatch == object.etag || ifNoneMatch == "*" {
            throw CloudFailure(status: 304, "NotModified", "Not Modified")
        }
        return object
    }

    /// The bytes that a `Range` header asks of an object; nil for a header that S3 ignores.
    package static func range(
        _ header: String, of size: Int
    ) throws(CloudFailure) -> Range<Int>? {
        guard header.hasPrefix("bytes=") else { return nil }
        let bounds = header.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard bounds.count == 2 else { return nil }
        let first = Int(bounds[0])
        let last = Int(bounds[1])
        let range: Range<Int>
        switch (first, last) {
        case (let first?, let last?) where first <= last:
            range = min(first, size)..<min(last + 1, size)
        case (let first?, nil) where bounds[1].isEmpty: range = min(first, size)..<size
        case (nil, let last?) where bounds[0].isEmpty: range = max(0, size - last)..<size
        default: return nil
        }
        guard !range.isEmpty else {
            throw CloudFailure(
                status: 416, "InvalidRange", "The requested range is not satisfiable")
        }
        return range
    }

    /// Deletes an object; without a condition one that is not there is no error.
    package mutating func deleteObject(
        _ bucket: String, _ key: String, ifMatch: String? = nil
    ) throws(CloudFailure) {
        let found = try self.bucket(bucket).objects[Key(key)]
        if let ifMatch {
            guard let found else { throw .noSuchKey }
            guard ifMatch == found.etag || ifMatch == "*" else {
                throw .preconditionFailed("If-Match")
            }
        }
        buckets[bucket]?.remove(Key(key))
    }

    // MARK: Checks

    func checkKey(_ key: String) throws(CloudFailure) {
        guard !key.isEmpty else {
            throw CloudFailure("InvalidArgument", "The key is empty.")
        }
        guard key.utf8.count <= 1024 else {
            throw CloudFailure("KeyTooLongError", "Your key is too long")
        }
    }

    func checkConditions(_ write: Write) throws(CloudFailure) {
        guard !(write.ifAbsent && write.ifMatch != nil) else {
            throw CloudFailure(
                status: 501, "NotImplemented",
                "If-None-Match and If-Match together are not implemented")
        }
        guard write.ifAbsent || write.ifMatch != nil else { return }
        let found = try bucket(write.bucket).objects[Key(write.key)]
        if write.ifAbsent, found != nil { throw .preconditionFailed("If-None-Match") }
        if let wanted = write.ifMatch {
            guard let found else { throw .noSuchKey }
            guard found.etag == wanted else { throw .preconditionFailed("If-Match") }
        }
    }

    /// Refuses a content that does not sum up to what the client says.
    func verify(
        _ declared: ContentChecksum?, of content: StoredContent
    ) throws(CloudFailure) {
        guard let declared else { return }
        guard declared == ContentChecksum(declared.algorithm, of: content) else {
            throw CloudFailure(
                "BadDigest",
                "The \(declared.algorithm.rawValue) you specified did not match the calculated "
                    + "checksum.")
        }
    }
}

extension CloudFailure {
    static let noSuchBucket = CloudFailure(
        status: 404, "NoSuchBucket", "The specified bucket does not exist")

    package static let noSuchKey = CloudFailure(
        status: 404, "NoSuchKey", "The specified key does not exist.")

    /// Two writes of one key at a time; the face that sees them overlap says so, or a fault rule.
    package static let writeConflict = CloudFailure(
        status: 409, "ConditionalRequestConflict",
        "The conditional request cannot succeed due to a conflicting operation against this "
            + "resource.")

    static func preconditionFailed(_ condition: String) -> CloudFailure {
        CloudFailure(
            status: 412, "PreconditionFailed",
            "At least one of the pre-conditions you specified did not hold (\(condition))")
    }
}
