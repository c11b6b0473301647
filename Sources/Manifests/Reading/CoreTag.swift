/// The tags of YAML's core schema; every other tag is refused.
enum CoreTag {
    static let prefix = "tag:yaml.org,2002:"
    static let refusal =
        "this tag is refused here; known are !!str, !!int, !!float, !!bool, !!null, !!map, !!seq, "
        + "on a value of their kind"

    /// What a tagged scalar means; nil when the tag is unknown or does not fit the text.
    static func value(of text: String, tag: String) -> ScalarValue? {
        if tag == "!" { return .string }
        let value = ScalarValue(plain: text)
        switch (tag.hasPrefix(prefix) ? String(tag.dropFirst(prefix.count)) : tag, value) {
        case ("str", _): return .string
        case ("int", .integer), ("int", .hugeInteger), ("float", .number), ("bool", .boolean),
            ("null", .null):
            return value
        case ("float", .integer(let integer)): return .number(Double(integer))
        default: return nil
        }
    }
}
