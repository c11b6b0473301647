/// Sizes that a reader can hold: columns of a line, lines of a file, lines of a function.
enum SizeRule {
    static let columns = 100
    static let fileLines = 400
    static let fileLinesAtMost = 800
    static let functionLines = 70

    /// Files above the soft limit, with the most lines each may have.
    ///
    /// Lower a number when its file shrinks; a new entry needs a reason in review.
    static let ratchet: [String: Int] = [:]

    static func longLines(in files: [SourceFile]) -> [String] {
        files.flatMap { file in
            SourceFile.lines(file.text).filter { $0.text.count > columns }.map {
                "\(file.path):\($0.number): \($0.text.count) columns, at most \(columns)"
            }
        }
    }

    static func longFiles(in files: [SourceFile], ratchet: [String: Int]) -> [String] {
        let complaints = files.compactMap { file -> String? in
            let count = lineCount(of: file)
            if count > fileLinesAtMost {
                return "\(file.path): \(count) lines, never more than \(fileLinesAtMost)"
            }
            let limit = ratchet[file.path] ?? fileLines
            return count > limit ? "\(file.path): \(count) lines, at most \(limit)" : nil
        }
        let lines = Dictionary(uniqueKeysWithValues: files.map { ($0.path, lineCount(of: $0)) })
        let stale = ratchet.keys.sorted().filter { lines[$0, default: 0] <= fileLines }
        return complaints + stale.map { "\($0): take it out of the ratchet" }
    }

    static func longFunctions(in files: [SourceFile]) -> [String] {
        files.flatMap { file in
            functions(in: file.code).filter { $0.lines > functionLines }.map {
                "\(file.path):\($0.line): \($0.lines) lines in a function, at most \(functionLines)"
            }
        }
    }

    private static func lineCount(of file: SourceFile) -> Int {
        file.text.utf8.count { $0 == UInt8(ascii: "\n") }
    }

    /// Every `func`, `init` and `deinit` with a body: its first line and how many it has.
    static func functions(in code: String) -> [(line: Int, lines: Int)] {
        let bytes = Array(code.utf8)
        let starts: Set<String> = ["func", "init", "deinit"]
        return code.words().filter { starts.contains($0.word) }.compactMap { word, offset in
            if offset > 0, bytes[offset - 1] == UInt8(ascii: ".") { return nil }
            guard let body = bodyStart(in: bytes, after: offset + word.utf8.count) else {
                return nil
            }
            let end = bodyEnd(in: bytes, from: body)
            let line = code.line(at: offset)
            return (line, code.line(at: end) - line + 1)
        }
    }

    /// The opening brace of a declaration's body; nil for a requirement of a protocol.
    private static func bodyStart(in bytes: [UInt8], after offset: Int) -> Int? {
        var depth = 0
        var word: [UInt8] = []
        let next: Set<String> = [
            "func", "init", "deinit", "var", "let", "static", "case", "associatedtype", "subscript",
            "mutating", "package", "public", "private", "struct", "enum", "extension",
        ]
        for at in offset..<bytes.count {
            if bytes[at].isWordByte {
                word.append(bytes[at])
                continue
            }
            if depth == 0, next.contains(String(decoding: word, as: UTF8.self)) { return nil }
            word = []
            switch bytes[at] {
            case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "{") where depth == 0: return at
            case UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "}"):
                if depth == 0 { return nil }
                depth -= 1
            default: break
            }
        }
        return nil
    }

    private static func bodyEnd(in bytes: [UInt8], from start: Int) -> Int {
        var depth = 0
        for at in start..<bytes.count {
            if bytes[at] == UInt8(ascii: "{") { depth += 1 }
            if bytes[at] == UInt8(ascii: "}") { depth -= 1 }
            if depth == 0 { return at }
        }
        return bytes.count
    }
}
