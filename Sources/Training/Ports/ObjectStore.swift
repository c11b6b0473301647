/// A store of objects with conditional writes: S3, or a directory on this machine.
///
/// One bucket and prefix; keys are relative to it, `/`-separated, without `.` and `..` parts.
/// Reads see every write that was answered before (S3 has been strongly consistent since 2020).
/// No call retries a conditional write by itself: the caller re-reads and decides again.
package protocol ObjectStore: Sendable {
    /// Names the store for tags and tokens: a digest of bucket and prefix, or of the directory.
    var identity: StoreIdentity { get }

    /// Reads an object of at most `limit` bytes; nil when there is none, `.unchanged` when its
    /// ETag is `known`.
    func get(
        _ key: String, limit: Int, unless known: ETag?
    ) async throws(StoreFailure) -> StoredRead?

    /// The facts about an object without its bytes; nil when there is none.
    func head(_ key: String) async throws(StoreFailure) -> StoredSummary?

    /// Writes small bytes under a condition; throws `.conditionFailed` when it does not hold.
    @discardableResult
    func put(
        _ key: String, _ bytes: [UInt8], if condition: WriteCondition
    ) async throws(StoreFailure) -> StoredReceipt

    /// Uploads a file of any size, then verifies what was stored against `sha256` and its size.
    @discardableResult
    func upload(
        file path: String, to key: String, sha256: Digest, if condition: WriteCondition
    ) async throws(StoreFailure) -> StoredReceipt

    /// Downloads an object into a new file, verifying size and digest before it returns; on a
    /// mismatch throws `.corrupt` and leaves no file.
    func download(
        _ key: String, to path: String, size: Int, sha256: Digest
    ) async throws(StoreFailure)

    /// Deletes an object; success when it is not there.
    func delete(_ key: String) async throws(StoreFailure)

    /// Every object below `prefix`, to the end, sorted by key; `.tooMany` beyond `limit`.
    func list(prefix: String, limit: Int) async throws(StoreFailure) -> [StoredSummary]

    /// The store's own time: of its last answer (S3's `Date`), or of this machine.
    func serverTime() async throws(StoreFailure) -> Timestamp
}

/// The digest that names a store: 16 hexadecimal digits of SHA-256 over bucket and prefix.
package struct StoreIdentity: Hashable, Sendable, Codable, CustomStringConvertible {
    package let text: String

    package init(of location: String) {
        text = String(Digest(of: location).hex.prefix(16))
    }

    package init(text: String) {
        self.text = text
    }

    package var description: String { text }

    package init(from decoder: any Decoder) throws {
        text = try decoder.singleValueContainer().decode(String.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// An opaque version of an object's bytes.
///
/// May be a content hash: A → B → A can give equal tags, which is why every compare-and-swap object
/// carries a `serial`.
package struct ETag: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) {
        self.text = text
    }

    package var description: String { text }
}

/// The condition under which a write takes effect.
package enum WriteCondition: Hashable, Sendable {
    /// S3 `If-None-Match: *`.
    case absent
    /// S3 `If-Match`.
    case matches(ETag)
    /// Only for objects that one writer owns, such as heartbeats and logs.
    case always
}

package struct StoredSummary: Hashable, Sendable {
    package var key: String
    package var size: Int
    package var etag: ETag
    package var lastModified: Timestamp

    package init(key: String, size: Int, etag: ETag, lastModified: Timestamp) {
        self.key = key
        self.size = size
        self.etag = etag
        self.lastModified = lastModified
    }
}

package enum StoredRead: Hashable, Sendable {
    case unchanged
    case object(StoredObject)
}

package struct StoredObject: Hashable, Sendable {
    package var bytes: [UInt8]
    package var etag: ETag
    package var lastModified: Timestamp

    package init(bytes: [UInt8], etag: ETag, lastModified: Timestamp) {
        self.bytes = bytes
        self.etag = etag
        self.lastModified = lastModified
    }
}

package struct StoredReceipt: Hashable, Sendable {
    package var etag: ETag

    package init(etag: ETag) {
        self.etag = etag
    }
}

/// Why a store did not do as asked.
///
/// What to do next is the caller's, by case.
package enum StoreFailure: Error, Hashable, Sendable {
    /// The write's condition did not hold (412, or 409 of a racing write): re-read, decide again.
    case conditionFailed(key: String)
    /// The bytes read or stored are not those that were promised.
    case corrupt(key: String, detail: String)
    /// An object or a listing beyond the caller's bound.
    case tooLarge(key: String, limit: Int)
    /// Not allowed; a person must act.
    case denied(String)
    /// No definite answer: a write may or may not have taken effect. Retried by the next pass.
    case unavailable(String)
    /// The key is not legal, or the local file cannot be read or written (disk full, say).
    case local(String)
}

extension StoreFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .conditionFailed(let key): "\(key) was changed by another writer"
        case .corrupt(let key, let detail): "\(key) is corrupt: \(detail)"
        case .tooLarge(let key, let limit): "\(key) is beyond the limit of \(limit)"
        case .denied(let detail): "the store denies access: \(detail)"
        case .unavailable(let detail): "the store is unavailable: \(detail)"
        case .local(let detail): detail
        }
    }
}
