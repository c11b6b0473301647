/// Takes secrets out of a text that came from elsewhere, before it becomes part of an error.
package enum Redaction {
    /// Replaces each known secret, and whatever stands between `://` and `@`.
    package static func apply(to text: String, secrets: [String]) -> String {
        var text = text
        for secret in secrets where !secret.isEmpty {
            text = text.split(separator: secret, omittingEmptySubsequences: false)
                .joined(separator: "***")
        }
        return withoutUserinfo(text)
    }

    private static func withoutUserinfo(_ text: String) -> String {
        var output = ""
        var rest = text[...]
        while let scheme = rest.firstRange(of: "://") {
            output += rest[..<scheme.upperBound]
            rest = rest[scheme.upperBound...]
            let authority = rest.prefix { !"/?# \t\r\n'\"".contains($0) }
            if let at = authority.lastIndex(of: "@") {
                output += "***"
                rest = rest[at...]
            }
        }
        return output + rest
    }
}
