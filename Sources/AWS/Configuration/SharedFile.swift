/// One of the two files that AWS's tools share, `~/.aws/config` and `~/.aws/credentials`, by its
/// sections.
///
/// The form is the AWS CLI's: `[section]`, `name = value` (or `:`), comments on lines of their own
/// that begin with `#` or `;`, values continued on lines that are indented deeper, and one level of
/// nested settings where the first line of a value is empty.
struct SharedFile: Sendable {
    /// Far more than people write.
    static let limit = 1 << 20

    struct Section: Sendable {
        var line: Int
        /// By name in lower case.
        var settings: [String: Setting] = [:]
    }

    struct Setting: Sendable {
        var path: String
        var line: Int
        /// As written, without the white space around it.
        var text: String
        /// What stands indented below a setting without a value of its own.
        var nested: [String: String] = [:]
    }

    var path: String
    /// By the name between the brackets.
    var sections: [String: Section] = [:]

    /// A file that does not exist has no sections.
    init(path: String) throws(ConfigurationFailure) {
        let bytes: [UInt8]?
        do throws(SmallFile.Failure) {
            bytes = try SmallFile.read(path, limit: SharedFile.limit)
        } catch {
            throw ConfigurationFailure("\(error)")
        }
        try self.init(path: path, bytes: bytes ?? [])
    }

    init(path: String, bytes: [UInt8]) throws(ConfigurationFailure) {
        self.path = path
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ConfigurationFailure("\(path): the file is not UTF-8 text")
        }
        var reader = SharedFileReader(path: path)
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            try reader.take(line)
        }
        sections = try reader.finish()
    }
}

extension SharedFile.Setting: CustomStringConvertible, CustomReflectable {
    var description: String { "\(path):\(line)" }
    /// Keeps `dump` and test reports from walking into what may be a secret.
    var customMirror: Mirror { Mirror(self, children: []) }
}

/// Reads the lines of a shared file, one by one.
struct SharedFileReader {
    private let path: String
    private var sections: [String: SharedFile.Section] = [:]
    private var section: String?
    private var open: OpenSetting?
    private var number = 0

    /// A setting whose value may go on.
    private struct OpenSetting {
        var name: String
        var line: Int
        var indent: Int
        var lines: [String]
    }

    init(path: String) {
        self.path = path
    }

    mutating func take(_ line: Substring) throws(ConfigurationFailure) {
        number += 1
        let text = SmallFile.trimmed(line)
        if text.hasPrefix("#") || text.hasPrefix(";") { return }
        if text.isEmpty {
            open?.lines.append("")
            return
        }
        let indent = line.prefix { $0.isWhitespace }.count
        if let open, indent > open.indent {
            self.open?.lines.append(text)
            return
        }
        try close()
        if text.hasPrefix("["), let end = text.lastIndex(of: "]") {
            try begin(String(text[..<end].dropFirst()))
        } else {
            try beginSetting(text, indent: indent)
        }
    }

    mutating func finish() throws(ConfigurationFailure) -> [String: SharedFile.Section] {
        try close()
        return sections
    }

    private mutating func begin(_ name: String) throws(ConfigurationFailure) {
        if let other = sections[name] {
            throw complaint("[\(name)] is there already, at line \(other.line)")
        }
        if name == "DEFAULT" {
            throw complaint("[DEFAULT] would hold for every section; write [default]")
        }
        sections[name] = SharedFile.Section(line: number)
        section = name
    }

    private mutating func beginSetting(
        _ text: String, indent: Int
    ) throws(ConfigurationFailure) {
        guard let section else {
            throw complaint("a setting before the first section; begin with [default]")
        }
        guard let mark = text.firstIndex(where: { $0 == "=" || $0 == ":" }), mark > text.startIndex
        else { throw complaint("expected `name = value`, a section or a comment") }
        let name = SmallFile.trimmed(text[..<mark]).lowercased()
        if let other = sections[section]?.settings[name] {
            throw complaint("\(name) is set already, at line \(other.line)")
        }
        let value = SmallFile.trimmed(text[text.index(after: mark)...])
        open = OpenSetting(name: name, line: number, indent: indent, lines: [value])
    }

    private mutating func close() throws(ConfigurationFailure) {
        guard let open, let section else { return }
        self.open = nil
        let lines = open.lines.reversed().drop(while: \.isEmpty).reversed().map(\.self)
        var setting = SharedFile.Setting(
            path: path, line: open.line, text: lines.joined(separator: "\n"))
        if lines.first == "" {
            for line in lines where !line.isEmpty {
                guard let mark = line.firstIndex(of: "=") else {
                    throw ConfigurationFailure(
                        path, line: open.line,
                        "expected `name = value` in every line below \(open.name)")
                }
                let value = SmallFile.trimmed(line[line.index(after: mark)...])
                setting.nested[SmallFile.trimmed(line[..<mark])] = value
            }
        }
        sections[section]?.settings[open.name] = setting
    }

    private func complaint(_ text: String) -> ConfigurationFailure {
        ConfigurationFailure(path, line: number, text)
    }
}
