/// Blanks what is not code: comments, the text of string literals and regular expressions.
///
/// Keeps the length in bytes and every line break, so that offsets and line numbers stay true.
/// Code inside an interpolation stays. Not a parser: it needs no more than valid Swift.
struct SwiftScanner {
    private enum Frame {
        /// Code with its count of open parentheses; an interpolation ends at the closing one.
        case code(open: Int, isInterpolation: Bool)
        case string(hashes: Int, isMultiline: Bool)
    }

    private var bytes: [UInt8]
    private var at = 0
    private var frames: [Frame] = [.code(open: 0, isInterpolation: false)]

    static func code(of text: String) -> String {
        var scanner = SwiftScanner(bytes: Array(text.utf8))
        scanner.scan()
        return String(decoding: scanner.bytes, as: UTF8.self)
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private mutating func scan() {
        while at < bytes.count, let frame = frames.last {
            switch frame {
            case .code(let open, let isInterpolation):
                scanCode(open: open, isInterpolation: isInterpolation)
            case .string(let hashes, let isMultiline):
                scanString(hashes: hashes, isMultiline: isMultiline)
            }
        }
    }

    private mutating func scanCode(open: Int, isInterpolation: Bool) {
        if matches("//") {
            while at < bytes.count, bytes[at] != UInt8(ascii: "\n") { blank() }
        } else if matches("/*") {
            blankBlockComment()
        } else if let hashes = hashesBeforeQuote() {
            at += hashes
            let isMultiline = matches("\"\"\"")
            at += isMultiline ? 3 : 1
            frames.append(.string(hashes: hashes, isMultiline: isMultiline))
        } else if bytes[at] == UInt8(ascii: "/"), let end = endOfRegex() {
            while at < end { blank() }
        } else {
            let change =
                bytes[at] == UInt8(ascii: "(") ? 1 : bytes[at] == UInt8(ascii: ")") ? -1 : 0
            if isInterpolation, open + change == 0 {
                frames.removeLast()
            } else if change != 0 {
                frames[frames.count - 1] = .code(
                    open: open + change, isInterpolation: isInterpolation)
            }
            at += 1
        }
    }

    private mutating func scanString(hashes: Int, isMultiline: Bool) {
        let fence = String(repeating: "#", count: hashes)
        if matches("\\" + fence) {
            for _ in 0...hashes { blank() }
            if at < bytes.count, bytes[at] == UInt8(ascii: "(") {
                frames.append(.code(open: 0, isInterpolation: true))
            } else {
                blank()
            }
        } else if matches((isMultiline ? "\"\"\"" : "\"") + fence) {
            at += (isMultiline ? 3 : 1) + hashes
            frames.removeLast()
        } else if !isMultiline, bytes[at] == UInt8(ascii: "\n") {
            frames.removeLast()
        } else {
            blank()
        }
    }

    private mutating func blankBlockComment() {
        var depth = 0
        while at < bytes.count {
            if matches("/*") {
                depth += 1
                blank()
                blank()
            } else if matches("*/") {
                depth -= 1
                blank()
                blank()
                if depth == 0 { return }
            } else {
                blank()
            }
        }
    }

    /// The count of `#` when a string literal starts here; nil otherwise.
    private func hashesBeforeQuote() -> Int? {
        var end = at
        while end < bytes.count, bytes[end] == UInt8(ascii: "#") { end += 1 }
        return end < bytes.count && bytes[end] == UInt8(ascii: "\"") ? end - at : nil
    }

    /// The end of a `/…/` literal: where an operand may stand, and closed on the same line.
    private func endOfRegex() -> Int? {
        guard at + 1 < bytes.count, bytes[at + 1] != UInt8(ascii: " "), mayStartOperand else {
            return nil
        }
        var end = at + 1
        while end < bytes.count, bytes[end] != UInt8(ascii: "\n") {
            if bytes[end] == UInt8(ascii: "/") { return end + 1 }
            end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1
        }
        return nil
    }

    private var mayStartOperand: Bool {
        var before = at - 1
        while before >= 0, bytes[before] == UInt8(ascii: " ") { before -= 1 }
        guard before >= 0 else { return true }
        return "(,=:[{!&|?#\n".utf8.contains(bytes[before])
    }

    private func matches(_ text: String) -> Bool {
        bytes[at...].starts(with: text.utf8)
    }

    private mutating func blank() {
        guard at < bytes.count else { return }
        if bytes[at] != UInt8(ascii: "\n") { bytes[at] = UInt8(ascii: " ") }
        at += 1
    }
}
