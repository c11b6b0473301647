/// Collects a response's header lines as libcurl delivers them, one whole line a call.
///
/// Interim responses (1xx) and those of a proxy before the tunnel are dropped.
struct HeadParser {
    /// The greatest size of all header lines together, in bytes.
    static let limit = 64 << 10

    private(set) var status = 0
    private(set) var headers: [HTTPHeader] = []
    private var size = 0

    enum Progress {
        case more
        /// The empty line after the header lines of the final response.
        case complete
        case tooLarge
    }

    mutating func add(_ line: UnsafeRawBufferPointer) -> Progress {
        size += line.count
        guard size <= HeadParser.limit else { return .tooLarge }
        let text = HeadParser.text(of: line)
        if text.hasPrefix("HTTP/") {
            headers = []
            status = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
            return .more
        }
        if text.isEmpty { return status >= 200 ? .complete : .more }
        if let colon = text.firstIndex(of: ":") {
            let value = text[text.index(after: colon)...]
            headers.append(HTTPHeader(String(text[..<colon]), HeadParser.trimmed(value)))
        }
        return .more
    }

    /// The line without its end; a break within it becomes a space (RFC 9110, section 5.5).
    private static func text(of line: UnsafeRawBufferPointer) -> String {
        var bytes = Array(line)
        if bytes.last == 10 { bytes.removeLast() }
        if bytes.last == 13 { bytes.removeLast() }
        return String(decoding: bytes.map { [0, 10, 13].contains($0) ? 32 : $0 }, as: UTF8.self)
    }

    private static func trimmed(_ text: Substring) -> String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        var text = text.drop(while: isBlank)
        while let last = text.last, isBlank(last) { text.removeLast() }
        return String(text)
    }
}
