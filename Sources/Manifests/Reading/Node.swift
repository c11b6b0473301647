/// Where something begins in its file; lines and columns count from 1, columns in Unicode scalars.
struct Position: Hashable, Comparable, Sendable {
    var line: Int
    var column: Int

    static let start = Position(line: 1, column: 1)

    static func < (a: Position, b: Position) -> Bool {
        (a.line, a.column) < (b.line, b.column)
    }
}

/// One value of a document with its place.
///
/// Aliases are expanded: the node of an alias is the anchored one, at the anchor's place.
struct Node: Sendable {
    enum Content: Sendable {
        case scalar(Scalar)
        case sequence([Node])
        /// In the order of the file; keys are unique.
        case mapping([Entry])
    }

    struct Entry: Sendable {
        var key: String
        var keyPosition: Position
        var value: Node
    }

    var position: Position
    var content: Content
    /// Nodes and keys from here down, aliases expanded.
    var weight: Int
    /// Levels of collections from here down; 0 for a scalar.
    var height: Int

    var isNull: Bool {
        if case .scalar(let scalar) = content, case .null = scalar.value { return true }
        return false
    }

    /// What stands here has been reported already.
    var isRefused: Bool {
        if case .scalar(let scalar) = content, case .refused = scalar.value { return true }
        return false
    }

    /// The text of a scalar that is a string.
    var string: String? {
        if case .scalar(let scalar) = content, case .string = scalar.value { return scalar.text }
        return nil
    }

    /// What this is, for messages; never the value itself.
    var kindName: String {
        switch content {
        case .scalar(let scalar): scalar.value.kindName
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }

    /// The value of a key of a mapping.
    subscript(key: String) -> Node? {
        guard case .mapping(let entries) = content else { return nil }
        return entries.first { $0.key == key }?.value
    }
}

/// A scalar as written, and what it means.
struct Scalar: Sendable {
    /// The content, without quotes and with escapes resolved.
    var text: String
    var value: ScalarValue
}
