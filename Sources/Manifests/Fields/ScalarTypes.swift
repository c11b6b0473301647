import Training

extension ValueType<Int> {
    static func integer(_ range: ClosedRange<Int>) -> ValueType {
        let summary =
            range.upperBound == .max
            ? "integer, at least \(range.lowerBound)"
            : "integer, \(range.lowerBound) to \(range.upperBound)"
        var schema: JSONValue = ["type": "integer", "minimum": .integer(range.lowerBound)]
        if range.upperBound != .max {
            schema = schema.adding(["maximum": .integer(range.upperBound)])
        }
        return ValueType(summary: summary, schema: schema) { node, findings in
            guard case .scalar(let scalar) = node.content else {
                findings.report(mismatch(node, expected: "an integer"), at: node.position)
                return nil
            }
            switch scalar.value {
            case .integer(let value) where range.contains(value): return value
            case .integer, .hugeInteger:
                findings.report("expected an \(summary)", at: node.position)
            default: findings.report(mismatch(node, expected: "an integer"), at: node.position)
            }
            return nil
        } show: {
            .integer($0)
        }
    }

    /// How many machines an attempt has: one, until gangs are built.
    static let nodeCount = ValueType(
        summary: "integer, only 1 yet", schema: ["type": "integer", "const": 1]
    ) { node, findings in
        guard let count = ValueType.integer(1...Int.max).read(node, &findings) else { return nil }
        guard count == 1 else {
            findings.report("more than one node is not supported yet", at: node.position)
            return nil
        }
        return count
    } show: {
        .integer($0)
    }
}

extension ValueType<Double> {
    static let number = ValueType(summary: "number", schema: ["type": "number"]) {
        node, findings in
        if case .scalar(let scalar) = node.content {
            switch scalar.value {
            case .integer(let value): return Double(value)
            case .number(let value) where value.isFinite: return value
            case .number, .hugeInteger:
                findings.report("expected a finite number", at: node.position)
                return nil
            default: break
            }
        }
        findings.report(mismatch(node, expected: "a number"), at: node.position)
        return nil
    } show: {
        .number($0)
    }
}

extension ValueType {
    /// A boolean that stands for one of two values.
    static func boolean(
        true yes: Value, false no: Value
    ) -> ValueType where Value: Equatable {
        ValueType(summary: "boolean", schema: ["type": "boolean"]) { node, findings in
            if case .scalar(let scalar) = node.content, case .boolean(let value) = scalar.value {
                return value ? yes : no
            }
            findings.report(mismatch(node, expected: "true or false"), at: node.position)
            return nil
        } show: {
            .boolean($0 == yes)
        }
    }

    /// One word of an enumeration.
    ///
    /// `later` names words that are known and not supported yet; a word of several, like `keep 2h`,
    /// goes by its first.
    static func choice(
        _ type: Value.Type, later: [String] = []
    ) -> ValueType where Value: RawRepresentable<String> & CaseIterable {
        let words = Value.allCases.map(\.rawValue)
        let reader = ValueType<String>.word(words, later: later)
        return ValueType(summary: reader.summary, schema: reader.schema) { node, findings in
            reader.read(node, &findings).flatMap(Value.init(rawValue:))
        } show: {
            .string($0.rawValue)
        }
    }
}

extension ValueType<String> {
    static func word(_ words: [String], later: [String] = []) -> ValueType {
        let list = words.map { "`\($0)`" }.joined(separator: ", ")
        let schema: JSONValue = [
            "type": "string", "enum": .array(words.map(JSONValue.string)),
        ]
        return .strings(list, schema: schema) { text, position, findings in
            if words.contains(text) { return text }
            let first = text.prefix { $0 != " " }
            if let known = later.first(where: { $0 == first }) {
                findings.report("`\(known)` is not supported yet; use \(list)", at: position)
                return nil
            }
            let written = Spelling.quoted(text).map { "unknown value \($0)" } ?? "unknown value"
            let hint =
                Spelling.nearest(to: text, among: words + later).map {
                    "did you mean `\($0)`?"
                } ?? "expected \(words.count > 1 ? "one of " : "")\(list)"
            findings.report("\(written); \(hint)", at: position)
            return nil
        } show: {
            .string($0)
        }
    }
}
