import Simulation
import Training

/// The parameters of a Query-protocol call, each to be read by name; what nobody reads is an error.
struct CallForm {
    private let values: [String: String]
    private var unread: Set<String>

    /// A form body; the same name twice, or one without a value's `=`, is malformed.
    init(_ body: [UInt8]) throws(CloudFailure) {
        var values: [String: String] = [:]
        for part in String(decoding: body, as: UTF8.self).split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = PercentCoding.decodeForm(pair[0])
            guard pair.count == 2,
                values.updateValue(PercentCoding.decodeForm(pair[1]), forKey: name) == nil
            else { throw CloudFailure("MalformedQueryString", "\(name) is malformed or doubled") }
        }
        self.values = values
        unread = Set(values.keys)
    }

    mutating func text(_ name: String) -> String? {
        unread.remove(name)
        return values[name]
    }

    mutating func needed(_ name: String) throws(CloudFailure) -> String {
        guard let value = text(name), !value.isEmpty else {
            throw CloudFailure(
                "MissingParameter",
                "The request must contain the parameter \(name)")
        }
        return value
    }

    mutating func number(_ name: String) throws(CloudFailure) -> Int? {
        guard let text = text(name) else { return nil }
        guard let number = Int(text) else { throw invalid(name, text) }
        return number
    }

    mutating func flag(_ name: String) throws(CloudFailure) -> Bool? {
        switch text(name) {
        case nil: return nil
        case "true"?: return true
        case "false"?: return false
        case let text?: throw invalid(name, text)
        }
    }

    mutating func moment(_ name: String) throws(CloudFailure) -> Timestamp? {
        guard let text = text(name) else { return nil }
        guard let moment = Timestamp(text) else { throw invalid(name, text) }
        return moment
    }

    /// One of an enumeration's raw values.
    mutating func choice<Choice: RawRepresentable<String>>(
        _ name: String, _ type: Choice.Type
    ) throws(CloudFailure) -> Choice? {
        guard let text = text(name) else { return nil }
        guard let choice = Choice(rawValue: text) else { throw invalid(name, text) }
        return choice
    }

    /// `Name.1`, `Name.2`, … without a gap.
    mutating func list(_ name: String) -> [String] {
        var items: [String] = []
        while let item = text("\(name).\(items.count + 1)") { items.append(item) }
        return items
    }

    /// The prefixes `Name.1.`, `Name.2.`, … under which there is any parameter.
    func groups(_ name: String) -> [String] {
        var groups: [String] = []
        while true {
            let prefix = "\(name).\(groups.count + 1)."
            guard values.keys.contains(where: { $0.hasPrefix(prefix) }) else { return groups }
            groups.append(prefix)
        }
    }

    func has(prefix: String) -> Bool { values.keys.contains { $0.hasPrefix(prefix) } }

    /// Refuses what was sent and not read, as EC2 does.
    func finish() throws(CloudFailure) {
        guard let name = unread.min() else { return }
        throw CloudFailure("UnknownParameter", "The parameter \(name) is not recognized")
    }

    private func invalid(_ name: String, _ text: String) -> CloudFailure {
        CloudFailure("InvalidParameterValue", "Value (\(text)) for parameter \(name) is invalid.")
    }
}
