/// The name of a run: its identity over all its attempts.
///
/// A DNS label (RFC 1123), so that it is legal in tags, object keys and host names: 1 to 63 of `a-z
/// 0-9 -`, no hyphen at either end.
package struct RunName: Hashable, Comparable, Sendable {
    package let text: String

    package init?(_ text: String) {
        let bytes = text.utf8
        guard (1...63).contains(bytes.count), bytes.allSatisfy(RunName.isLegal),
            bytes.first != UInt8(ascii: "-"), bytes.last != UInt8(ascii: "-")
        else { return nil }
        self.text = text
    }

    package static func < (a: RunName, b: RunName) -> Bool { a.text < b.text }

    private static func isLegal(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (48...57).contains(byte) || byte == 45
    }
}

extension RunName: TextCoded {
    package static let textForm = "a DNS label"
    package var description: String { text }
}
