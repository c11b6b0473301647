import Checkpoints
import Training

/// Looks whether what a completion rule names is there; no symbolic link is followed.
enum CompletionEvidence {
    private static let absence = "does not exist (nothing behind a symbolic link counts)"

    /// What is missing, for people; empty when all holds.
    static func missing(_ rule: CompletionRule, in directory: WorkingDirectory) -> [String] {
        var missing: [String] = []
        if let file = rule.file {
            if !directory.holds(file) { missing.append("\(file) \(absence)") }
        }
        if let json = rule.json, let defect = defect(json, in: directory) {
            missing.append("\(json.file): \(defect)")
        }
        return missing
    }

    private static func defect(
        _ rule: CompletionRule.JSONEvidence, in directory: WorkingDirectory
    ) -> String? {
        guard directory.holds(rule.file) else { return absence }
        guard let bytes = directory.read(rule.file, limit: CanonicalJSON.maximumSize) else {
            return "not readable"
        }
        return defect(rule, in: bytes)
    }

    /// What the bytes of the rule's file lack; nil when it holds.
    static func defect(_ rule: CompletionRule.JSONEvidence, in bytes: [UInt8]) -> String? {
        guard let tree = try? CanonicalJSON.decode(JSONTree.self, from: bytes) else {
            return "not JSON"
        }
        var node = tree
        for key in rule.field.split(separator: ".") {
            guard case .object(let members) = node, let next = members[String(key)] else {
                return "has no \(rule.field)"
            }
            node = next
        }
        guard case .number(let value) = node else { return "\(rule.field) is no number" }
        return value >= rule.atLeast ? nil : "\(rule.field) is \(value), less than \(rule.atLeast)"
    }
}

/// Any JSON, as far as a rule can look into it.
private indirect enum JSONTree: Decodable {
    case object([String: JSONTree])
    case number(Double)
    case other

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let members = try? container.decode([String: JSONTree].self) {
            self = .object(members)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else {
            self = .other
        }
    }
}
