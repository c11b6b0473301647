/// Words as a POSIX shell splits them, without its expansions: `credential_process` lines and the
/// names of profiles.
enum ShellWords {
    enum Failure: Error, Hashable, CustomStringConvertible {
        case openQuote
        case openEscape

        var description: String {
            switch self {
            case .openQuote: "a quotation mark is not closed"
            case .openEscape: "nothing follows the last backslash"
            }
        }
    }

    static func split(_ text: String) throws(Failure) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var characters = text.makeIterator()
        while let character = characters.next() {
            switch (quote, character) {
            case (nil, "'"), (nil, "\""):
                quote = character
                word = word ?? ""
            case (let open?, character) where open == character:
                quote = nil
            case (nil, "\\"), ("\"", "\\"):
                guard let next = characters.next() else { throw .openEscape }
                // Between double quotes a backslash is itself, unless it protects one of these.
                let isLiteral = quote != nil && next != "\"" && next != "\\"
                word = (word ?? "") + (isLiteral ? "\\" : "") + String(next)
            case (nil, _) where character.isWhitespace:
                if let done = word { words.append(done) }
                word = nil
            default:
                word = (word ?? "") + String(character)
            }
        }
        guard quote == nil else { throw .openQuote }
        if let word { words.append(word) }
        return words
    }
}
