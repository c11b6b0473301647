/// A property of `Root` that a field fills.
typealias Property<Root, Value> = WritableKeyPath<Root, Value> & Sendable

/// What the schema and the documentation say of one field.
struct FieldRow: Sendable {
    var name: String
    /// Of the value; nil for a field that is not supported yet.
    var schema: JSONValue?
    /// Type for people.
    var summary: String
    /// The default as a manifest would write it, when there is one to write.
    var defaultValue: JSONValue?
    /// What leaving the field out means, in words, when no value says it.
    var unset: String?
    var isRequired: Bool
    /// One sentence or two.
    var documentation: String
    var children: [FieldRow] = []
}

/// One field of a manifest: one entry is all that decoding, defaults, schema and documentation
/// need.
///
/// Adding a field is adding an entry and the property that it fills.
struct Field<Root: Sendable>: Sendable {
    let name: String
    let isRequired: Bool
    /// Reads the value into its property, or reports why not.
    let assign: @Sendable (Node.Entry, inout Root, inout Findings) -> Void
    /// The row, given the root whose properties are the defaults.
    let row: @Sendable (Root) -> FieldRow
}

extension Field {
    /// A field that must be there.
    static func required<Value>(
        _ name: String, _ property: any Property<Root, Value>, _ type: ValueType<Value>,
        _ documentation: String
    ) -> Field {
        Field(name: name, isRequired: true) { entry, root, findings in
            if let value = type.read(entry.value, &findings) { root[keyPath: property] = value }
        } row: { _ in
            FieldRow(
                name: name, schema: type.schema, summary: type.summary, isRequired: true,
                documentation: documentation, children: type.children)
        }
    }

    /// A field with a default: what the property holds in the table's blank.
    static func value<Value>(
        _ name: String, _ property: any Property<Root, Value>, _ type: ValueType<Value>,
        _ documentation: String
    ) -> Field {
        Field(name: name, isRequired: false) { entry, root, findings in
            if let value = type.read(entry.value, &findings) { root[keyPath: property] = value }
        } row: { blank in
            FieldRow(
                name: name, schema: type.schema.orNull, summary: type.summary,
                defaultValue: type.show(blank[keyPath: property]), isRequired: false,
                documentation: documentation, children: type.children)
        }
    }

    /// A field that may be left out; `unset` says what that means.
    static func optional<Value>(
        _ name: String, _ property: any Property<Root, Value?>, _ type: ValueType<Value>,
        unset: String? = nil, _ documentation: String
    ) -> Field {
        Field(name: name, isRequired: false) { entry, root, findings in
            if let value = type.read(entry.value, &findings) { root[keyPath: property] = value }
        } row: { _ in
            FieldRow(
                name: name, schema: type.schema.orNull, summary: type.summary, unset: unset,
                isRequired: false, documentation: documentation, children: type.children)
        }
    }

    /// A field that has one legal value so far, so that nothing needs to be kept.
    static func fixed<Value>(
        _ name: String, _ type: ValueType<Value>, is only: JSONValue, isRequired: Bool = false,
        _ documentation: String
    ) -> Field {
        Field(name: name, isRequired: isRequired) { entry, _, findings in
            _ = type.read(entry.value, &findings)
        } row: { _ in
            FieldRow(
                name: name, schema: isRequired ? type.schema : type.schema.orNull,
                summary: type.summary, defaultValue: isRequired ? nil : only,
                isRequired: isRequired, documentation: documentation)
        }
    }

    /// A field that the design knows and a later version brings.
    static func later(_ name: String, _ documentation: String) -> Field {
        Field(name: name, isRequired: false) { entry, _, findings in
            findings.report("not supported yet", at: entry.keyPosition)
        } row: { _ in
            FieldRow(
                name: name, schema: nil, summary: "", isRequired: false,
                documentation: documentation)
        }
    }
}
