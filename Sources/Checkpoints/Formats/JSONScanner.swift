import Training

/// Walks over JSON without building it: headers of many megabytes, and Python's `NaN`.
///
/// Only what is asked for is kept; nesting is bounded.
struct JSONScanner {
    private static let depthLimit = 128

    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The members of an object: `member` reads or skips each value.
    mutating func object(
        _ member: (String, inout JSONScanner) throws(FormatFlaw) -> Void
    ) throws(FormatFlaw) {
        try expect("{")
        if take("}") { return }
        repeat {
            let name = try string()
            try expect(":")
            try member(name, &self)
        } while take(",")
        try expect("}")
    }

    /// The elements of an array: `element` reads or skips each one.
    mutating func array(
        _ element: (inout JSONScanner) throws(FormatFlaw) -> Void
    ) throws(FormatFlaw) {
        try expect("[")
        if take("]") { return }
        repeat { try element(&self) } while take(",")
        try expect("]")
    }

    mutating func string() throws(FormatFlaw) -> String {
        let range = try stringBytes()
        if !bytes[range].contains(92) {
            guard let text = String(validating: bytes[range], as: UTF8.self) else {
                throw flaw()
            }
            return text
        }
        // Escapes are rare in what is read here: the one JSON decoder knows them.
        let quoted = [34] + Array(bytes[range]) + [34]
        do {
            return try CanonicalJSON.decode(String.self, from: quoted)
        } catch {
            throw flaw()
        }
    }

    /// A whole number; nil for another number, that is skipped.
    mutating func integer() throws(FormatFlaw) -> Int? {
        let text = try word()
        guard let first = text.first, first == "-" || first.isNumber else { throw flaw() }
        return Int(text)
    }

    /// Whether a string comes next.
    mutating func isAtString() -> Bool { peek() == UInt8(ascii: "\"") }

    /// Whether a number comes next.
    mutating func isAtNumber() -> Bool {
        peek().map { $0 == UInt8(ascii: "-") || (48...57).contains($0) } ?? false
    }

    /// Goes over one value, whatever it is.
    mutating func skip() throws(FormatFlaw) {
        try skip(depth: 0)
    }

    private mutating func skip(depth: Int) throws(FormatFlaw) {
        guard depth < JSONScanner.depthLimit else { throw flaw() }
        switch peek() {
        case UInt8(ascii: "{"):
            try object { _, scanner throws(FormatFlaw) in try scanner.skip(depth: depth + 1) }
        case UInt8(ascii: "["):
            try array { scanner throws(FormatFlaw) in try scanner.skip(depth: depth + 1) }
        case UInt8(ascii: "\""): _ = try stringBytes()
        default: _ = try word()
        }
    }

    /// Nothing but white space is left.
    mutating func end() throws(FormatFlaw) {
        if peek() != nil { throw flaw() }
    }

    // MARK: Tokens

    private func flaw() -> FormatFlaw { .damaged("it is no JSON at byte \(place)") }

    /// The next byte that is no white space.
    private mutating func peek() -> UInt8? {
        while place < bytes.count, [32, 9, 10, 13].contains(bytes[place]) { place += 1 }
        return place < bytes.count ? bytes[place] : nil
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: scalar) else { return false }
        place += 1
        return true
    }

    private mutating func expect(_ scalar: Unicode.Scalar) throws(FormatFlaw) {
        guard take(scalar) else { throw flaw() }
    }

    /// A number or one of the words, Python's among them.
    private mutating func word() throws(FormatFlaw) -> String {
        _ = peek()
        let start = place
        while place < bytes.count, isInWord(bytes[place]) { place += 1 }
        let text = String(decoding: bytes[start..<place], as: UTF8.self)
        let words = ["true", "false", "null", "NaN", "Infinity", "-Infinity"]
        guard words.contains(text) || Double(text) != nil && text.first.map(isNumeric) ?? false
        else { throw flaw() }
        return text
    }

    private func isNumeric(_ character: Character) -> Bool {
        character == "-" || ("0"..."9").contains(character)
    }

    private func isInWord(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".")
    }

    /// The bytes between the quotes, escapes as they stand.
    private mutating func stringBytes() throws(FormatFlaw) -> Range<Int> {
        try expect("\"")
        let start = place
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\""):
                place += 1
                return start..<(place - 1)
            case UInt8(ascii: "\\"): place += 2
            case 0..<32: throw flaw()
            default: place += 1
            }
        }
        throw flaw()
    }
}
