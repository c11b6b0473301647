import Training

/// A key that is legal in every store and safe as a path: relative, `/`-separated, at most 1,024
/// bytes (S3's bound), without empty, `.` and `..` parts and control characters.
struct ObjectKey: Hashable, Sendable {
    let text: String

    init(_ text: String) throws(StoreFailure) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...1024).contains(text.utf8.count),
            text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }),
            parts.allSatisfy({ !["", ".", ".."].contains($0) && $0.utf8.count <= 255 }),
            parts.first != Substring(DirectoryStore.hiddenName)
        else {
            throw .local("not a legal object key: \(ObjectKey.printable(text))")
        }
        self.text = text
    }

    /// Which of 256 locks guards the key.
    var shard: String { String(Digest(of: text).hex.prefix(2)) }

    private static func printable(_ text: String) -> String {
        let shown = text.unicodeScalars.prefix(80).map { scalar in
            scalar.value < 0x20 || scalar.value == 0x7f ? "?" : String(scalar)
        }
        return "\"\(shown.joined())\""
    }
}
