/// The checks that a file's bytes must pass before libyaml sees them.
///
/// libyaml guesses UTF-16, gives no line for a character that it refuses, and is quadratic in the
/// number of directives.
enum SourceText {
    /// The first reason to refuse the bytes.
    static func refusal(of bytes: [UInt8]) -> Finding? {
        guard bytes.count <= ReadingLimits.fileSize else {
            return Finding(
                position: .start,
                message: "the file has \(bytes.count) bytes; a manifest file has at most "
                    + "\(ReadingLimits.fileSize) (1 MiB)")
        }
        return refusedCharacter(in: bytes)
            ?? refusedDirective(in: bytes.dropFirst(lengthOfMark(bytes)))
    }

    /// Bytes of the byte order mark at the beginning, which means nothing in UTF-8.
    static func lengthOfMark(_ bytes: [UInt8]) -> Int {
        bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    private static func refusedCharacter(in bytes: [UInt8]) -> Finding? {
        var position = Position.start
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte == 10 {
                position = Position(line: position.line + 1, column: 1)
                index += 1
            } else if (32..<127).contains(byte) || byte == 9 || byte == 13 {
                position.column += 1
                index += 1
            } else if byte < 128 {
                return Finding(
                    position: position, message: "a control character cannot stand in a manifest")
            } else {
                guard let (scalar, length) = scalar(in: bytes, at: index) else {
                    return Finding(
                        position: position, message: "not UTF-8; save the file as UTF-8")
                }
                let isMark = scalar == 0xFEFF
                if isMark && index != 0 {
                    return Finding(
                        position: position,
                        message: "a byte order mark can stand only at the file's beginning")
                }
                if !isMark { position.column += 1 }
                index += length
            }
        }
        return nil
    }

    /// A multi-byte scalar that YAML allows, with its length in bytes; nil for anything else.
    private static func scalar(
        in bytes: [UInt8], at index: Int
    ) -> (value: UInt32, length: Int)? {
        var decoder = Unicode.UTF8.ForwardParser()
        var rest = bytes[index...].prefix(4).makeIterator()
        guard case .valid(let encoded) = decoder.parseScalar(from: &rest) else { return nil }
        let scalar = Unicode.UTF8.decode(encoded)
        switch scalar.value {
        case 0x80..<0x85, 0x86..<0xA0, 0xFFFE, 0xFFFF: return nil
        default: return (scalar.value, encoded.count)
        }
    }

    /// Only `%YAML 1.2` passes: tags are refused anyway.
    private static func refusedDirective(in bytes: ArraySlice<UInt8>) -> Finding? {
        guard bytes.contains(UInt8(ascii: "%")) else { return nil }
        var line = 1
        for text in bytes.split(separator: 10, omittingEmptySubsequences: false) {
            if text.first == UInt8(ascii: "%"), !text.starts(with: "%YAML 1.2".utf8) {
                return Finding(
                    position: Position(line: line, column: 1),
                    message: "a directive other than `%YAML 1.2` is refused")
            }
            line += 1
        }
        return nil
    }
}
