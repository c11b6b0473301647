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

    /// By scalars: a quotation mark is one whatever combines with it.
    static func split(_ text: String) throws(Failure) -> [String] {
        var words: [String] = []
        var word: String.UnicodeScalarView?
        var quote: Unicode.Scalar?
        var scalars = text.unicodeScalars.makeIterator()
        while let scalar = scalars.next() {
            switch (quote, scalar) {
            case (nil, "'"), (nil, "\""):
                quote = scalar
                word = word ?? String.UnicodeScalarView()
            case (let open?, scalar) where open == scalar:
                quote = nil
            case (nil, "\\"), ("\"", "\\"):
                guard let next = scalars.next() else { throw .openEscape }
                // Between double quotes a backslash is itself, unless it protects one of these.
                let isLiteral = quote != nil && next != "\"" && next != "\\"
                word = (word ?? String.UnicodeScalarView()) + (isLiteral ? ["\\", next] : [next])
            case (nil, _) where scalar.properties.isWhitespace:
                if let done = word { words.append(String(done)) }
                word = nil
            default:
                word = (word ?? String.UnicodeScalarView()) + [scalar]
            }
        }
        guard quote == nil else { throw .openQuote }
        if let word { words.append(String(word)) }
        return words
    }
}
