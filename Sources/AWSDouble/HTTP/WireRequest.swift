/// A request exactly as it came: nothing decoded, nothing folded, since all of it may be signed.
struct WireRequest: Sendable {
    var method: String
    /// Percent-encoded, as sent.
    var path: String
    /// Without the `?`, percent-encoded, as sent.
    var query: String
    /// In the order of the wire; names in lower case, values as sent.
    var headers: [(name: String, value: String)]
    var body: [UInt8]

    /// The first value of a header, without the spaces around it; `name` in lower case.
    subscript(name: String) -> String? {
        headers.first { $0.name == name }.map { WireRequest.trimmed($0.value) }
    }

    /// The decoded parameters of the query; one without `=` has an empty value.
    var parameters: [(name: String, value: String)] {
        query.split(separator: "&").map { part in
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = pair.count > 1 ? PercentCoding.decode(pair[1]) : ""
            return (PercentCoding.decode(pair[0]), value)
        }
    }

    static func trimmed(_ text: some StringProtocol) -> String {
        let isSpace = { (character: Character) in character == " " || character == "\t" }
        let start = text.drop(while: isSpace)
        guard let end = start.lastIndex(where: { !isSpace($0) }) else { return "" }
        return String(start[...end])
    }
}

/// What goes back over the wire.
struct WireAnswer: Sendable {
    var status: Int
    var headers: [(name: String, value: String)]
    var body: [UInt8]
    /// Close the connection without a byte of answer: whoever asked cannot know what was done.
    var isLost = false

    init(_ status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    init(_ status: Int, type: String, _ text: String) {
        self.init(status, headers: [("Content-Type", type)], body: Array(text.utf8))
    }

    static let lost: WireAnswer = {
        var answer = WireAnswer(500)
        answer.isLost = true
        return answer
    }()

    subscript(name: String) -> String? {
        headers.first { $0.name.lowercased() == name }?.value
    }
}
