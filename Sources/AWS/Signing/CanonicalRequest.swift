package import Training

/// A request in the one form that both sides of Signature Version 4 hash (AWS General Reference,
/// "Create a signed AWS API request").
package struct CanonicalRequest: Sendable {
    /// What stands for the body.
    package enum Payload: Hashable, Sendable {
        case digest(Digest)
        /// S3 only, over TLS only.
        case unsigned

        package var text: String {
            switch self {
            case .digest(let digest): digest.hex
            case .unsigned: "UNSIGNED-PAYLOAD"
            }
        }
    }

    /// How the service reads paths.
    package enum PathRule: Hashable, Sendable {
        /// S3: encoded once and never normalised, since a key may hold `//` and `..`.
        case verbatim
        /// All others: normalised, then what is sent is encoded once more.
        case normalised
    }

    package var method: String
    /// Unencoded, beginning with `/`.
    package var path: String
    /// Unencoded; a nil value counts as an empty one.
    package var query: [(name: String, value: String?)]
    /// All of them are signed; `Host` must be among them.
    package var headers: [(name: String, value: String)]
    package var payload: Payload
    package var pathRule: PathRule

    package init(
        method: String, path: String, query: [(name: String, value: String?)] = [],
        headers: [(name: String, value: String)], payload: Payload, pathRule: PathRule
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.payload = payload
        self.pathRule = pathRule
    }

    /// The path as it is sent.
    package var sentPath: String { PercentEncoding.path(path) }

    /// The query as it is sent and signed: sorted by encoded name, then value; nil when empty.
    package var sentQuery: String? {
        if query.isEmpty { return nil }
        let pairs = query.map {
            (PercentEncoding.component($0.name), PercentEncoding.component($0.value ?? ""))
        }
        return pairs.sorted { $0.0 == $1.0 ? $0.1 < $1.1 : $0.0 < $1.0 }
            .map { "\($0.0)=\($0.1)" }.joined(separator: "&")
    }

    /// The text to hash, and the names of the signed headers.
    package var text: (canonical: String, signedHeaders: String) {
        var folded: [String: String] = [:]
        for header in headers {
            let name = header.name.lowercased()
            let value = CanonicalRequest.folded(header.value)
            folded[name] = folded[name].map { "\($0),\(value)" } ?? value
        }
        let names = folded.keys.sorted()
        let signedHeaders = names.joined(separator: ";")
        var canonical = "\(method)\n\(canonicalPath)\n\(sentQuery ?? "")\n"
        for name in names { canonical += "\(name):\(folded[name, default: ""])\n" }
        canonical += "\n\(signedHeaders)\n\(payload.text)"
        return (canonical, signedHeaders)
    }

    private var canonicalPath: String {
        switch pathRule {
        case .verbatim: sentPath
        case .normalised: PercentEncoding.path(CanonicalRequest.normalised(sentPath))
        }
    }

    /// Without empty and dot segments (RFC 3986 section 5.2.4), a final slash kept.
    private static func normalised(_ path: String) -> String {
        if path == "/" { return path }
        var segments: [Substring] = []
        for segment in path.split(separator: "/") {
            switch segment {
            case ".": continue
            case "..": _ = segments.popLast()
            default: segments.append(segment)
            }
        }
        if segments.isEmpty { return "/" }
        return "/" + segments.joined(separator: "/") + (path.hasSuffix("/") ? "/" : "")
    }

    /// Trimmed, with runs of blanks inside made one space.
    private static func folded(_ value: String) -> String {
        let isBlank = { (byte: UInt8) in byte == 32 || byte == 9 }
        if !value.utf8.contains(where: isBlank) { return value }
        return value.split(whereSeparator: { $0 == " " || $0 == "\t" }).joined(separator: " ")
    }
}
