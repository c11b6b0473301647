import Training
import Transport

/// The objects whose keys begin with a text, read page by page to the end.
struct ObjectListing: Sendable {
    let bucket: Bucket
    let prefix: String

    /// Pages that S3 may give without a single object, as after many deletes.
    private static let greatestEmptyPages = 1_000
    private static let pageSize = 1_000

    /// All of them sorted by key; `.tooLarge`, under the caller's name for it, beyond `limit`.
    func collect(limit: Int, named name: String) async throws(StoreFailure) -> [StoredSummary] {
        var found: [StoredSummary] = []
        var token: String?
        for _ in 0...(limit / Self.pageSize + Self.greatestEmptyPages) {
            let page: Page
            do throws(AWSFailure) {
                page = try await self.page(after: token, size: min(Self.pageSize, limit + 1))
            } catch {
                throw StoreFailure(error, about: prefix, in: bucket)
            }
            found += page.objects
            guard found.count <= limit else { throw .tooLarge(key: name, limit: limit) }
            guard let next = page.next else {
                return found.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            }
            token = next
        }
        throw .unavailable("\(bucket.name): the listing of \(prefix) does not end")
    }

    struct Page {
        var objects: [StoredSummary]
        /// Nil at the end.
        var next: String?
    }

    private func page(after token: String?, size: Int) async throws(AWSFailure) -> Page {
        var query: [(name: String, value: String?)] = [
            ("list-type", "2"), ("encoding-type", "url"), ("max-keys", "\(size)"),
        ]
        if !prefix.isEmpty { query.append(("prefix", prefix)) }
        if let token { query.append(("continuation-token", token)) }
        return try Self.read(try await bucket.send(.get, query: query), after: token)
    }

    /// The page that the answer to a question with `token` is.
    static func read(
        _ answer: AWSResponse, after token: String?
    ) throws(AWSFailure) -> Page {
        let root = try answer.document(named: "ListBucketResult")
        let isEncoded = root.text("EncodingType") == "url"
        var objects: [StoredSummary] = []
        for element in root.children where element.name == "Contents" {
            objects.append(try Self.summary(element, isEncoded: isEncoded))
        }
        guard root.text("IsTruncated") == "true" else { return Page(objects: objects) }
        guard let next = root.text("NextContinuationToken"), !next.isEmpty, next != token else {
            throw .malformed("a listing that is cut does not say how it goes on")
        }
        return Page(objects: objects, next: next)
    }

    private static func summary(
        _ element: XMLElement, isEncoded: Bool
    ) throws(AWSFailure) -> StoredSummary {
        guard let text = element.text("Key"), let key = isEncoded ? decoded(text) : text,
            let size = element.text("Size").flatMap({ Int($0) }), size >= 0,
            let etag = element.text("ETag"),
            let modified = element.text("LastModified").flatMap({ Timestamp($0) })
        else { throw .malformed("an object of a listing lacks its key, size, ETag or time") }
        return StoredSummary(key: key, size: size, etag: ETag(etag), lastModified: modified)
    }

    /// Undoes S3's `encoding-type=url`: percent-encoding where a space is `+`; nil where it is not
    /// that.
    private static func decoded(_ text: String) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                let digits = String(decoding: rest.prefix(2), as: UTF8.self)
                guard digits.utf8.count == 2, let value = UInt8(digits, radix: 16) else {
                    return nil
                }
                bytes.append(value)
                rest = rest.dropFirst(2)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

extension StoredSummary {
    /// The rest of its key; by bytes, since a key may go on with a combining mark.
    func name(below base: String) -> String {
        String(decoding: key.utf8.dropFirst(base.utf8.count), as: UTF8.self)
    }
}

extension AWSResponse {
    /// The root of the XML that the body is.
    func document(named name: String) throws(AWSFailure) -> XMLElement {
        let root: XMLElement
        do throws(XMLFault) {
            root = try XMLDocument(body).root
        } catch {
            throw .malformed("\(error)")
        }
        guard root.name == name else { throw .malformed("not the \(name) that was asked for") }
        return root
    }
}
