/// A key that is legal in every store, and safe as a path.
///
/// Relative, `/`-separated, at most 1,024 bytes (S3's bound) and 255 a part (a file name's),
/// without empty, `.` and `..` parts and control characters.
package struct ObjectKey: Hashable, Sendable {
    package let text: String

    /// Throws `.local` for a key that is not legal, shown without its control characters.
    package init(_ text: String) throws(StoreFailure) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard text.utf8.count <= 1024,
            text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }),
            parts.allSatisfy({ !["", ".", ".."].contains($0) && $0.utf8.count <= 255 })
        else {
            let shown = text.unicodeScalars.prefix(80).map { scalar in
                scalar.value < 0x20 || scalar.value == 0x7f ? "?" : String(scalar)
            }
            throw .local("not a legal object key: \"\(shown.joined())\"")
        }
        self.text = text
    }
}
