/// Where in a person's input something stands.
///
/// Lines and columns count from 1; columns count Unicode scalars.
package struct SourceLocation: Hashable, Comparable, Sendable, Codable {
    package var file: String
    package var line: Int
    package var column: Int

    package init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    package static func < (a: SourceLocation, b: SourceLocation) -> Bool {
        (a.file, a.line, a.column) < (b.file, b.line, b.column)
    }
}

extension SourceLocation: CustomStringConvertible {
    package var description: String { "\(file):\(line):\(column)" }
}

/// One finding about a person's input: what is wrong, where, and what to do.
///
/// Prints as compilers print: `file:line:column: error: message`. Never holds a secret or the
/// input's own values beyond the name of a key.
package struct Diagnostic: Hashable, Sendable, Codable {
    package enum Severity: String, Sendable, Codable {
        case error
        case warning
    }

    package var severity: Severity
    package var location: SourceLocation?
    package var message: String

    package init(
        _ severity: Severity = .error, at location: SourceLocation? = nil, _ message: String
    ) {
        self.severity = severity
        self.location = location
        self.message = message
    }
}

extension Diagnostic: CustomStringConvertible {
    package var description: String {
        let place = location.map { "\($0): " } ?? ""
        return "\(place)\(severity.rawValue): \(message)"
    }
}
