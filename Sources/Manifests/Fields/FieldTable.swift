/// The fields of one mapping, in the order of the documentation.
struct FieldTable<Root: Sendable>: Sendable {
    /// A rule over several fields; `node` is the mapping, for positions.
    typealias Rule = @Sendable (_ root: Root, _ node: Node, inout Findings) -> Void

    /// Every default in its property.
    let blank: Root
    let rows: [FieldRow]
    private let fields: [Field<Root>]
    private let required: [String]
    private let index: [String: Int]
    private let rules: [Rule]

    init(blank: Root, _ fields: [Field<Root>], rules: [Rule] = []) {
        self.blank = blank
        self.fields = fields
        self.rules = rules
        required = fields.filter(\.isRequired).map(\.name)
        rows = fields.map { $0.row(blank) }
        index = Dictionary(
            fields.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The mapping as a value; nil when anything in it was refused.
    func read(_ node: Node, _ findings: inout Findings) -> Root? {
        let before = findings.count
        var root = blank
        read(node, into: &root, &findings)
        return findings.count == before ? root : nil
    }

    /// Fills the properties of `root`, and reports everything that is wrong.
    func read(_ node: Node, into root: inout Root, _ findings: inout Findings) {
        guard case .mapping(let entries) = node.content else {
            findings.report(mismatch(node, expected: "a mapping"), at: node.position)
            return
        }
        let before = findings.count
        var missing = required
        for entry in entries {
            guard let position = index[entry.key] else {
                reportUnknown(entry, &findings)
                continue
            }
            let field = fields[position]
            // Null is the same as leaving the field out.
            if entry.value.isNull { continue }
            missing.removeAll { $0 == field.name }
            if entry.value.isRefused { continue }
            findings.within(field.name) { field.assign(entry, &root, &$0) }
        }
        for name in missing {
            findings.report("the field `\(name)` is missing", at: node.position)
        }
        guard findings.count == before else { return }
        for rule in rules { rule(root, node, &findings) }
    }

    private func reportUnknown(_ entry: Node.Entry, _ findings: inout Findings) {
        let name = Spelling.quoted(entry.key).map { "unknown field \($0)" } ?? "unknown field"
        let hint: String
        if findings.count >= ReadingLimits.findings {
            // It will not be shown, and looking for names costs.
            hint = ""
        } else if let parent = rows.first(where: { $0.children.contains { $0.name == entry.key } })
        {
            hint = "; it belongs in `\(parent.name)`"
        } else if let near = Spelling.nearest(to: entry.key, among: rows.map(\.name)) {
            hint = "; did you mean `\(near)`?"
        } else {
            hint = ""
        }
        findings.reportPlainly(name + findings.place + hint, at: entry.keyPosition)
    }

    /// The JSON Schema of the mapping.
    var schema: JSONValue {
        var properties: [String: JSONValue] = [:]
        for row in rows {
            guard let schema = row.schema else { continue }
            var members: [String: JSONValue] = ["description": .string(row.documentation)]
            if let value = row.defaultValue { members["default"] = value }
            properties[row.name] = schema.adding(members)
        }
        let required = required.map(JSONValue.string)
        let schema: JSONValue = [
            "type": "object", "properties": .object(properties), "additionalProperties": false,
        ]
        return required.isEmpty ? schema : schema.adding(["required": .array(required)])
    }
}
