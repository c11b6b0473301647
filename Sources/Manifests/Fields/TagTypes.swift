import Training

/// The rules for tags of machines: EC2's, and those of the metadata in which a machine sees them.
enum TagRule {
    /// EC2 allows 50 on a machine.
    static let limit = 50 - reserved.count

    /// Holdfast's own, and those that it may add while the machine lives.
    private static let reserved = [
        Tag.scope, Tag.store, Tag.run, Tag.attempt, Tag.ordinal, Tag.digest, Tag.revision,
        Tag.name, Tag.intent, Tag.protect, "holdfast:config",
    ]

    /// Why a key is not legal; nil when it is.
    static func refusal(ofKey key: String) -> String? {
        guard (1...128).contains(key.unicodeScalars.count) else {
            return "a tag's key has 1 to 128 characters"
        }
        if key.lowercased().hasPrefix("aws:") { return "AWS reserves keys that begin with aws:" }
        if key.hasPrefix("holdfast:") || reserved.contains(key) {
            return "Holdfast sets this tag itself"
        }
        guard key.wholeMatch(of: /[A-Za-z0-9+\-=.,_:@]+/) != nil,
            ![".", "..", "_index"].contains(key)
        else {
            return "instance metadata, where the machine sees its tags, takes keys of letters, "
                + "digits and + - = . , _ : @ only"
        }
        return nil
    }
}

extension ValueType<[String: String]> {
    /// Tags of a machine.
    static let tags = ValueType(
        summary: "mapping of strings",
        schema: [
            "type": "object", "maxProperties": .integer(TagRule.limit),
            "additionalProperties": ["type": "string", "maxLength": 256],
            "propertyNames": [
                "pattern": "^[A-Za-z0-9+=.,_:@-]{1,128}$",
                "not": ["pattern": "^([Aa][Ww][Ss]:|holdfast:|Name$|[.]{1,2}$|_index$)"],
            ],
        ]
    ) { node, findings in
        let values: [String: String]? = entries(of: node, &findings) { entry, findings in
            if let refusal = TagRule.refusal(ofKey: entry.key) {
                findings.report(refusal, at: entry.keyPosition)
                return nil
            }
            guard let text = entry.value.string else {
                findings.report(
                    mismatch(entry.value, expected: "a string"), at: entry.value.position)
                return nil
            }
            guard text.unicodeScalars.count <= 256,
                !text.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 })
            else {
                findings.report(
                    "a tag has at most 256 characters, and no control characters",
                    at: entry.value.position)
                return nil
            }
            return text
        }
        guard let values, values.count > TagRule.limit else { return values }
        findings.report(
            "at most \(TagRule.limit) tags: EC2 allows 50, and the others are Holdfast's",
            at: node.position)
        return nil
    } show: { _ in
        nil
    }
}
