/// Takes secrets out of a text that came from elsewhere, before it is shown.
///
/// Looks at bytes: a secret before a combining mark is a part of other `Character`s.
package enum Redaction {
    private static let cover = Array("***".utf8)
    private static let ends = Array("/?# \t\r\n'\"<>".utf8)

    /// Replaces each known secret, and whatever stands between `://` and `@`.
    package static func apply(to text: String, secrets: [String]) -> String {
        var bytes = Array(text.utf8)
        for secret in secrets where !secret.isEmpty {
            bytes = bytes.replacing(Array(secret.utf8), with: cover)
        }
        return String(decoding: withoutUserinfo(bytes), as: UTF8.self)
    }

    private static func withoutUserinfo(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        var rest = bytes[...]
        while let scheme = rest.firstRange(of: Array("://".utf8)) {
            output += rest[..<scheme.upperBound]
            rest = rest[scheme.upperBound...]
            let authority = rest.prefix { !ends.contains($0) }
            if let at = authority.lastIndex(of: UInt8(ascii: "@")) {
                output += cover
                rest = rest[at...]
            }
        }
        return output + rest
    }
}
