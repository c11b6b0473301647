extension ValueType<[String: String]> {
    /// Labels: short strings for people and for selecting runs.
    static let labels = ValueType(
        summary: "mapping of strings",
        schema: [
            "type": "object", "additionalProperties": ["type": "string", "maxLength": 256],
            "propertyNames": ["pattern": "^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$"],
        ]
    ) { node, findings in
        entries(of: node, &findings) { entry, findings in
            guard isLabelKey(entry.key) else {
                findings.report(
                    "a label's key has 1 to 63 of letters, digits and . _ / -, a letter or digit "
                        + "first", at: entry.keyPosition)
                return nil
            }
            guard let text = entry.value.string else {
                findings.report(
                    mismatch(entry.value, expected: "a string"), at: entry.value.position)
                return nil
            }
            guard text.unicodeScalars.count <= 256 else {
                findings.report("a label has at most 256 characters", at: entry.value.position)
                return nil
            }
            return text
        }
    } show: { _ in
        nil
    }

    /// Environment variables of the trainer.
    ///
    /// Values are taken as they are written: `3e-4` stays `3e-4`. They may be secrets: no message
    /// holds one.
    static let variables = ValueType(
        summary: "mapping of scalars",
        schema: [
            "type": "object",
            "additionalProperties": ["type": ["string", "number", "boolean"]],
            "propertyNames": .variableName,
        ]
    ) { node, findings in
        entries(of: node, &findings) { entry, findings in
            guard isFreeVariable(entry, &findings) else { return nil }
            guard case .scalar(let scalar) = entry.value.content, !entry.value.isNull else {
                findings.report(
                    entry.value.isNull
                        ? "the variable has no value; an empty one is \"\""
                        : "expected one value, found \(entry.value.kindName)",
                    at: entry.value.position)
                return nil
            }
            return scalar.text
        }
    } show: { _ in
        nil
    }
}

/// What the agent exports to every trainer, and the prefix that is Holdfast's own.
private let reservedVariables = [
    "RUN_NAME", "ATTEMPT", "NODE_RANK", "NODE_COUNT", "MASTER_ADDR", "CHECKPOINT_DIR",
    "RESUME_FROM", "WANDB_RUN_ID", "WANDB_RESUME",
]

extension JSONValue {
    /// The name of a variable that a manifest may set.
    static let variableName: JSONValue = [
        "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
        "not": [
            "anyOf": [
                ["enum": .array(reservedVariables.map(JSONValue.string))],
                ["pattern": "^HOLDFAST_"],
            ]
        ],
    ]
}

/// Whether a manifest may set the variable that the entry's key names; reports why not.
func isFreeVariable(_ entry: Node.Entry, _ findings: inout Findings) -> Bool {
    guard isVariable(entry.key) else {
        findings.report(
            "a variable's name has letters, digits and _, no digit first", at: entry.keyPosition)
        return false
    }
    guard !reservedVariables.contains(entry.key), !entry.key.hasPrefix("HOLDFAST_") else {
        findings.report("Holdfast sets this variable itself", at: entry.keyPosition)
        return false
    }
    return true
}

private func isVariable(_ key: String) -> Bool {
    guard let first = key.utf8.first, !(48...57).contains(first) else { return false }
    return key.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "_") }
}

private func isLabelKey(_ key: String) -> Bool {
    guard let first = key.utf8.first, isAlphanumeric(first), key.utf8.count <= 63 else {
        return false
    }
    return key.utf8.allSatisfy { isAlphanumeric($0) || "._/-".utf8.contains($0) }
}

private func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
    default: false
    }
}

/// The mapping's entries, each read under its key's name; nil when one was refused.
func entries<Value>(
    of node: Node, _ findings: inout Findings,
    _ read: (Node.Entry, inout Findings) -> Value?
) -> [String: Value]? {
    guard case .mapping(let entries) = node.content else {
        findings.report(mismatch(node, expected: "a mapping"), at: node.position)
        return nil
    }
    let before = findings.count
    var values: [String: Value] = [:]
    for entry in entries {
        if entry.value.isRefused { continue }
        let isWord = Spelling.quoted(entry.key) != nil
        values[entry.key] =
            isWord ? findings.within(entry.key) { read(entry, &$0) } : read(entry, &findings)
    }
    return findings.count == before ? values : nil
}
