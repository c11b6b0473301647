import FoundationEssentials

/// One Swift file of this package, as the tidy rules see it.
struct SourceFile {
    /// Relative to the package root: `Sources/Planning/Planner.swift`.
    let path: String
    let text: String
    /// `text` with the insides of comments, strings and regular expressions blanked.
    let code: String

    init(path: String, text: String) {
        self.path = path
        self.text = text
        code = SwiftScanner.code(of: text)
    }

    var isTest: Bool { path.hasPrefix("Tests/") }

    /// The folder below `Sources` or `Tests`, which is the target's name.
    var target: String {
        path.split(separator: "/").dropFirst().first.map(String.init) ?? ""
    }

    var name: String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    /// Lines with their numbers, from 1.
    static func lines(_ text: String) -> [(number: Int, text: Substring)] {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated().map { ($0.offset + 1, $0.element) }
    }
}

/// The package's own files, read from where this test was compiled.
enum SourceTree {
    static let files: [SourceFile] = read()

    /// Names of the folders below `Sources` that hold Swift files.
    static var targets: Set<String> {
        Set(files.filter { !$0.isTest }.map(\.target))
    }

    private static func read() -> [SourceFile] {
        let root = packageRoot()
        return ["Sources", "Tests"].flatMap { folder -> [SourceFile] in
            let names = try? FileManager.default.subpathsOfDirectory(atPath: "\(root)/\(folder)")
            return (names ?? []).filter { $0.hasSuffix(".swift") }.sorted().compactMap { name in
                let path = "\(folder)/\(name)"
                guard let data = FileManager.default.contents(atPath: "\(root)/\(path)") else {
                    return nil
                }
                return SourceFile(path: path, text: String(decoding: data, as: UTF8.self))
            }
        }
    }

    private static func packageRoot(file: String = #filePath) -> String {
        file.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/\($1)" }
    }
}

extension String {
    /// The identifiers and keywords of Swift code, with the offset of each in UTF-8.
    func words() -> [(word: String, offset: Int)] {
        let bytes = Array(utf8)
        var found: [(word: String, offset: Int)] = []
        var start: Int?
        for end in 0...bytes.count {
            let isWord = end < bytes.count && bytes[end].isWordByte
            if isWord, start == nil { start = end }
            if !isWord, let begin = start {
                found.append((String(decoding: bytes[begin..<end], as: UTF8.self), begin))
                start = nil
            }
        }
        return found
    }

    /// The line, from 1, on which a UTF-8 offset lies.
    func line(at offset: Int) -> Int {
        utf8.prefix(offset).reduce(1) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
    }
}

extension UInt8 {
    /// Part of an identifier; every byte above ASCII counts as one.
    var isWordByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...0xFF:
            true
        default: false
        }
    }
}
