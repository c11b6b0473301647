import Synchronization
import Training

extension ValueType<String> {
    /// Any text but an empty one.
    static let text = ValueType.strings("string") { text, position, findings in
        if text.isEmpty { findings.report("expected text, this is empty", at: position) }
        return text.isEmpty ? nil : text
    } show: {
        .string($0)
    }

    /// A name that is legal in tags, object keys and host names.
    static let label = ValueType.strings(
        "DNS label", schema: .dnsLabel
    ) { text, position, findings in
        guard let name = RunName(text) else {
            findings.report(labelRule, at: position)
            return nil
        }
        return name.text
    } show: {
        .string($0)
    }

    /// A regular expression with a group named `step`.
    static let stepPattern = ValueType.strings(
        "regular expression with a group `step`",
        schema: [
            "type": "string", "maxLength": .integer(stepPatternLimit),
            "pattern": .string(#"\(\?P?<step>"#),
        ]
    ) { text, position, findings in
        guard text.unicodeScalars.count <= stepPatternLimit else {
            findings.report(
                "a regular expression has at most \(stepPatternLimit) characters", at: position)
            return nil
        }
        if AcceptedPatterns.contains(text) { return text }
        guard let pattern = try? Regex(text) else {
            findings.report("not a regular expression", at: position)
            return nil
        }
        guard pattern.contains(captureNamed: "step") else {
            findings.report(
                "the regular expression needs a group named step, like `step-(?<step>[0-9]+)`",
                at: position)
            return nil
        }
        AcceptedPatterns.insert(text)
        return text
    } show: {
        .string($0)
    }
}

/// Step patterns that were found good.
///
/// The runs of a fleet share theirs, and compiling one costs a third of reading a whole manifest.
private enum AcceptedPatterns {
    private static let limit = 256
    private static let patterns = Mutex<Set<String>>([])

    static func contains(_ text: String) -> Bool {
        patterns.withLock { $0.contains(text) }
    }

    static func insert(_ text: String) {
        patterns.withLock { patterns in
            if patterns.count >= limit { patterns.removeAll() }
            patterns.insert(text)
        }
    }
}

private let stepPatternLimit = 200
private let labelRule =
    "expected a DNS label: 1 to 63 of a-z, 0-9 and -, no - at either end"

extension JSONValue {
    fileprivate static let dnsLabel: JSONValue = [
        "type": "string", "minLength": 1, "maxLength": 63,
        "pattern": "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$",
    ]
}

extension ValueType<RunName> {
    static let runName = ValueType.strings(
        "DNS label", schema: .dnsLabel
    ) { text, position, findings in
        let name = RunName(text)
        if name == nil { findings.report(labelRule, at: position) }
        return name
    } show: {
        .string($0.text)
    }
}

extension ValueType<CheckpointReference> {
    static let checkpoint = ValueType.strings(
        "`ID` or `RUN/ID`",
        schema: [
            "type": "string",
            "pattern": "^([a-z0-9]([a-z0-9-]*[a-z0-9])?/)?[0-9]{4,}-[0-9]{8,}$",
        ]
    ) { text, position, findings in
        let reference = CheckpointReference(text)
        if reference == nil {
            findings.report(
                "expected a checkpoint like 0002-00000003, or RUN/0002-00000003 of another run; "
                    + "`reconcile checkpoints RUN` lists them", at: position)
        }
        return reference
    } show: {
        .string($0.description)
    }
}
