/// What a field's value may be: how it is read from a node, how the schema and the documentation
/// say it, and how a default is shown.
struct ValueType<Value: Sendable>: Sendable {
    /// For people, without an article: `integer, at least 2`.
    var summary: String
    /// The JSON Schema of the value.
    var schema: JSONValue
    /// The fields of a mapping.
    var children: [FieldRow] = []
    /// The value; nil when it is not one, which has been reported then.
    var read: @Sendable (Node, inout Findings) -> Value?
    /// The value as a manifest would write it; nil when there is nothing to show.
    var show: @Sendable (Value) -> JSONValue?
}

extension ValueType {
    /// The reader of a scalar that is a string.
    static func strings(
        _ summary: String, schema: JSONValue = ["type": "string", "minLength": 1],
        read: @escaping @Sendable (String, Position, inout Findings) -> Value?,
        show: @escaping @Sendable (Value) -> JSONValue?
    ) -> ValueType {
        ValueType(summary: summary, schema: schema) { node, findings in
            guard let text = node.string else {
                findings.report(mismatch(node, expected: "a string"), at: node.position)
                return nil
            }
            return read(text, node.position, &findings)
        } show: {
            show($0)
        }
    }

    /// A mapping with fields of its own.
    static func object(_ table: FieldTable<Value>) -> ValueType {
        ValueType(
            summary: "mapping", schema: table.schema, children: table.rows, read: table.read,
            show: { _ in nil })
    }
}

/// `expected a string, found an integer; put it in quotes`.
func mismatch(_ node: Node, expected: String) -> String {
    var message = "expected \(expected), found \(node.kindName)"
    switch node.content {
    case .scalar(let scalar):
        switch (expected, scalar.value) {
        case ("a string", .integer), ("a string", .hugeInteger), ("a string", .number),
            ("a string", .boolean):
            message += "; put it in quotes"
        case ("true or false", .string):
            message += "; YAML 1.2 knows only true and false, without quotes"
        case ("an integer", .string), ("a number", .string):
            message += "; write it in digits, without quotes"
        default: break
        }
    case .sequence, .mapping: break
    }
    return message
}

extension JSONValue: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral {
    init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements) { first, _ in first })
    }

    init(arrayLiteral elements: JSONValue...) {
        self = .array(elements)
    }
}
