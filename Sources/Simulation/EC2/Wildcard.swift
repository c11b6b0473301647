/// A pattern of AWS: `*` for any run of characters, `?` for one, and in filters `\` before either
/// for itself.
package struct Wildcard: Hashable, Sendable {
    private enum Part: Hashable, Sendable {
        case byte(UInt8)
        case one
        case many
    }

    private let parts: [Part]
    /// The text itself where it holds no wildcard: most do not.
    private let plain: String?

    package init(_ text: String, escapes: Bool = true) {
        guard text.utf8.contains(where: { "*?\\".utf8.contains($0) }) else {
            plain = text
            parts = []
            return
        }
        plain = nil
        var parts: [Part] = []
        var isEscaped = false
        for byte in text.utf8 {
            switch byte {
            case _ where isEscaped:
                parts.append(.byte(byte))
                isEscaped = false
            case UInt8(ascii: "\\") where escapes: isEscaped = true
            case UInt8(ascii: "*"): parts.append(.many)
            case UInt8(ascii: "?"): parts.append(.one)
            default: parts.append(.byte(byte))
            }
        }
        self.parts = parts
    }

    /// Compares by bytes, case by case; linear but for a return to the last `*`.
    package func matches(_ text: String) -> Bool {
        if let plain { return plain == text }
        let bytes = Array(text.utf8)
        var (at, part) = (0, 0)
        var back: (at: Int, part: Int)?
        while at < bytes.count {
            if part < parts.count, parts[part] == .many {
                back = (at, part)
                part += 1
            } else if part < parts.count, parts[part] == .one || parts[part] == .byte(bytes[at]) {
                at += 1
                part += 1
            } else if let last = back {
                back = (last.at + 1, last.part)
                (at, part) = (last.at + 1, last.part + 1)
            } else {
                return false
            }
        }
        return parts[part...].allSatisfy { $0 == .many }
    }
}
