/// One thing that is wrong with a file, before the file's path is known.
struct Finding: Hashable, Sendable, Error {
    var position: Position
    var message: String
}

/// Everything that is wrong with a file, gathered while it is read.
struct Findings: Sendable {
    private(set) var list: [Finding] = []
    /// The field that is being read, from the document's root: `["checkpoint", "every"]`.
    private var path: [String] = []

    var count: Int { list.count }

    /// Reports about the field that is being read: its path comes first in the message.
    mutating func report(_ message: String, at position: Position) {
        let subject = path.isEmpty ? "" : path.joined(separator: ".") + ": "
        list.append(Finding(position: position, message: subject + message))
    }

    mutating func reportPlainly(_ message: String, at position: Position) {
        list.append(Finding(position: position, message: message))
    }

    /// Reads a part of the document under the name of its field.
    mutating func within<Value>(
        _ field: String, _ read: (inout Findings) -> Value
    ) -> Value {
        path.append(field)
        defer { path.removeLast() }
        return read(&self)
    }

    /// ` in checkpoint` for the messages about a mapping's keys; nothing at the root.
    var place: String { path.isEmpty ? "" : " in \(path.joined(separator: "."))" }
}
