/// The documentation of every field as Markdown tables, from the same table as decoding.
package enum ManifestReference {
    package static func markdown() -> String {
        let kinds: [(title: String, rows: [FieldRow])] = [
            ("A training", TrainingFields.table.rows), ("A policy", PolicyFields.table.rows),
            ("A profile", ProfileFields.table.rows),
        ]
        var lines: [String] = []
        for kind in kinds {
            lines += ["## \(kind.title)", ""]
            lines += ["| Field | Type | Default | Meaning |", "| --- | --- | --- | --- |"]
            lines += flat(kind.rows).filter { $0.row.schema != nil }.map(line)
            lines += [""]
            let later = flat(kind.rows).filter { $0.row.schema == nil }
            guard !later.isEmpty else { continue }
            lines += ["Known, not supported yet and therefore refused:"]
            lines += [later.map { "`\($0.path)`" }.joined(separator: ", ") + ".", ""]
        }
        return lines.joined(separator: "\n")
    }

    private static func flat(
        _ rows: [FieldRow], below parent: String = ""
    ) -> [(path: String, row: FieldRow)] {
        rows.flatMap { row in
            let path = parent + row.name
            return [(path, row)] + flat(row.children, below: path + ".")
        }
    }

    private static func line(path: String, row: FieldRow) -> String {
        let standard =
            if row.isRequired {
                "required"
            } else if let value = row.defaultValue {
                literal(value)
            } else {
                row.unset ?? ""
            }
        let cells = ["`\(path)`", row.summary, standard, row.documentation]
        return "| " + cells.joined(separator: " | ") + " |"
    }

    private static func literal(_ value: JSONValue) -> String {
        switch value {
        case .null: ""
        case .boolean(let value): "`\(value)`"
        case .integer(let value): "`\(value)`"
        case .number(let value): "`\(value)`"
        case .string(let value): "`\(value)`"
        case .array, .object: ""
        }
    }
}
