/// A key that is legal in every store, and safe as a path.
///
/// Relative, `/`-separated, at most 1,024 bytes (S3's bound) and 255 a part (a file name's),
/// without empty, `.` and `..` parts and control characters.
package struct ObjectKey: Hashable, Sendable {
    package let text: String

    /// Throws `.local` for a key that is not legal, shown without its control characters.
    package init(_ text: String) throws(StoreFailure) {
        guard ObjectKey.isLegal(text) else {
            let shown = text.unicodeScalars.prefix(80).map { scalar in
                scalar.value < 0x20 || scalar.value == 0x7f ? "?" : String(scalar)
            }
            throw .local("not a legal object key: \"\(shown.joined())\"")
        }
        self.text = text
    }

    /// In one pass over the bytes: every call of a store asks.
    private static func isLegal(_ text: String) -> Bool {
        guard text.utf8.count <= 1024 else { return false }
        var length = 0
        var dots = 0
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "/"):
                guard isLegalPart(length, dots) else { return false }
                (length, dots) = (0, 0)
            case ..<0x20, 0x7f: return false
            default:
                length += 1
                if byte == UInt8(ascii: ".") { dots += 1 }
            }
        }
        return isLegalPart(length, dots)
    }

    private static func isLegalPart(_ length: Int, _ dots: Int) -> Bool {
        (1...255).contains(length) && !(length <= 2 && dots == length)
    }
}
