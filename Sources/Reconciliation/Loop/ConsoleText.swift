/// The part of a machine's console that a ledger keeps.
enum ConsoleText {
    static let lineLimit = 40
    static let widthLimit = 200

    /// The last lines, without control characters: a machine wrote them.
    static func end(of output: [UInt8]) -> String {
        let text = String(decoding: output, as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline).suffix(lineLimit).map { line in
            String(
                String.UnicodeScalarView(
                    line.unicodeScalars.prefix(widthLimit).map {
                        $0.value < 0x20 || $0.value == 0x7f ? " " : $0
                    }))
        }
        return lines.joined(separator: "\n")
    }
}
