import Processes
import Training

/// Looks whether what a completion rule names is there.
enum CompletionEvidence {
    /// What is missing, for people; empty when all holds.
    static func missing(_ rule: CompletionRule, in directory: String) -> [String] {
        var missing: [String] = []
        if let file = rule.file {
            let status = try? FileSystem.status("\(directory)/\(file)")
            if status == nil { missing.append("\(file) does not exist") }
        }
        if let json = rule.json, let defect = defect(json, in: directory) {
            missing.append("\(json.file): \(defect)")
        }
        return missing
    }

    private static func defect(_ rule: CompletionRule.JSONEvidence, in directory: String) -> String?
    {
        let bytes: [UInt8]?
        do {
            bytes = try FileSystem.read(
                "\(directory)/\(rule.file)", limit: CanonicalJSON.maximumSize)
        } catch {
            return "not readable"
        }
        guard let bytes else { return "does not exist" }
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
