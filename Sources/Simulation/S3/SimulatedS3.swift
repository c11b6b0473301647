package import Training

/// The simulated S3 of all regions: conditional writes, multipart uploads, checksums, listings.
///
/// Reads see every write at once. Figures and rules: the S3 user guide and API model.
package struct SimulatedS3: Sendable {
    /// A key compares by its UTF-8 bytes, as listings sort.
    struct Key: Hashable, Comparable, Sendable {
        let text: String

        init(_ text: String) { self.text = text }

        var bytes: [UInt8] { Array(text.utf8) }

        static func == (a: Key, b: Key) -> Bool {
            a.withBytes { a in b.withBytes { b in a.count == b.count && a.elementsEqual(b) } }
        }

        static func < (a: Key, b: Key) -> Bool {
            a.withBytes { a in b.withBytes { b in a.lexicographicallyPrecedes(b) } }
        }

        func hash(into hasher: inout Hasher) {
            withBytes { hasher.combine(bytes: $0) }
        }

        func starts(with prefix: Key) -> Bool {
            withBytes { bytes in prefix.withBytes { bytes.starts(with: $0) } }
        }

        private func withBytes<Value>(_ body: (UnsafeRawBufferPointer) -> Value) -> Value {
            var text = text
            return text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
        }
    }

    package struct Bucket: Sendable {
        package let name: String
        package let region: String
        package var policy: PolicyDocument?
        /// Objects without a header for it are encrypted so; `aws:kms` or `AES256`.
        package var encryption = "AES256"
        /// Settings that are kept and shown, and change nothing here: by operation, as they came.
        package var settings: [String: [UInt8]] = [:]
        var objects: [Key: Object] = [:]
        var keys: [Key] = []
        var uploads: [String: Upload] = [:]

        /// Every key in the order of its bytes.
        package var keyTexts: [String] { keys.map(\.text) }
    }

    package struct Object: Hashable, Sendable {
        package let key: String
        package var content: StoredContent
        /// Without quotes.
        ///
        /// A digest of the content, not its MD5, as with SSE-KMS: equal bytes have equal tags.
        package var etag: String
        /// In whole seconds, as every face of S3 tells it.
        package var lastModified: Timestamp
        package var contentType: String?
        package var metadata: [String: String]
        package var encryption: String
        package var kmsKey: String?
        /// What the writer said or its parts sum up to; nil: S3's own choice.
        var givenChecksum: ContentChecksum?
        /// A checksum of the whole bytes, not of parts' checksums.
        package var isFullChecksum: Bool

        /// S3's own choice is summed up only when it is asked for: few ask.
        package var checksum: ContentChecksum {
            givenChecksum ?? ContentChecksum(checksumAlgorithm, of: content)
        }

        package var checksumAlgorithm: ContentChecksum.Algorithm {
            givenChecksum?.algorithm ?? .crc64nvme
        }
    }

    /// What every part but the last must have at least, in bytes; S3: 5 MiB.
    package var leastPartSize = 5 * 1024 * 1024
    /// How many keys a listing shows at most; S3: 1,000.
    package var largestPage = 1000
    package var buckets: [String: Bucket] = [:]
    var generator: SplitMix64

    package init(seed: UInt64) {
        generator = SplitMix64(seed: seed)
    }

    /// Makes a bucket; one that the account owns already is refused.
    package mutating func createBucket(
        _ name: String, region: String
    ) throws(CloudFailure) {
        guard buckets[name] == nil else {
            throw CloudFailure(
                status: 409, "BucketAlreadyOwnedByYou",
                "Your previous request to create the named bucket succeeded and you already "
                    + "own it.")
        }
        guard (3...63).contains(name.utf8.count) else {
            throw CloudFailure("InvalidBucketName", "The specified bucket is not valid.")
        }
        buckets[name] = Bucket(name: name, region: region)
    }

    /// Takes a bucket away with all that it holds, as no call of S3 does.
    package mutating func destroyBucket(_ name: String) {
        buckets[name] = nil
    }

    /// An object behind the back of every rule, for a look from outside.
    package func object(_ bucket: String, _ key: String) -> Object? {
        buckets[bucket]?.objects[Key(key)]
    }

    /// Changes stored bytes behind the back of every writer, as rot would: the ETag stays.
    package mutating func damage(
        _ bucket: String, _ key: String, _ change: (inout [UInt8]) -> Void
    ) {
        guard var object = buckets[bucket]?.objects[Key(key)] else { return }
        object.givenChecksum = object.checksum
        var bytes = object.content.bytes
        change(&bytes)
        object.content = StoredContent(bytes)
        buckets[bucket]?.objects[Key(key)] = object
    }

    /// A copy that is kept while the bucket changes makes it copy all that it holds.
    func bucket(_ name: String) throws(CloudFailure) -> Bucket {
        guard let bucket = buckets[name] else { throw .noSuchBucket }
        return bucket
    }
}

extension SimulatedS3.Bucket {
    mutating func store(_ object: SimulatedS3.Object) {
        let key = SimulatedS3.Key(object.key)
        if objects.updateValue(object, forKey: key) == nil {
            // The usual case: keys that count up.
            let at =
                keys.last.map { $0 < key } ?? true
                ? keys.count : keys.partitioningIndex { $0 >= key }
            keys.insert(key, at: at)
        }
    }

    mutating func remove(_ key: SimulatedS3.Key) {
        guard objects.removeValue(forKey: key) != nil else { return }
        keys.remove(at: keys.partitioningIndex { $0 >= key })
    }
}

extension Timestamp {
    var inWholeSeconds: Timestamp {
        Timestamp(milliseconds: milliseconds - (milliseconds % 1000 + 1000) % 1000)
    }
}
