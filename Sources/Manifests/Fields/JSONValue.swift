/// A JSON value: what the schema is made of.
enum JSONValue: Hashable, Sendable, Encodable {
    case null
    case boolean(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .boolean(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let values): try container.encode(values)
        case .object(let values): try container.encode(values)
        }
    }

    /// This schema with members added.
    func adding(_ members: [String: JSONValue]) -> JSONValue {
        guard case .object(let own) = self else { return self }
        return .object(own.merging(members) { _, new in new })
    }

    /// This schema or null: a field that is null counts as left out.
    var orNull: JSONValue {
        guard case .object(var members) = self else { return self }
        if case .string(let type)? = members["type"] {
            members["type"] = .array([.string(type), .string("null")])
        } else if case .array(let types)? = members["type"] {
            members["type"] = .array(types + [.string("null")])
        }
        if case .array(let values)? = members["enum"] {
            members["enum"] = .array(values + [.null])
        }
        if case .array(let schemas)? = members["anyOf"] {
            members["anyOf"] = .array(schemas + [["type": "null"]])
        }
        return .object(members)
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral
{
    init(stringLiteral value: String) { self = .string(value) }
    init(integerLiteral value: Int) { self = .integer(value) }
    init(booleanLiteral value: Bool) { self = .boolean(value) }
}
