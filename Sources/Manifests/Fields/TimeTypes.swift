import Training

extension ValueType<Seconds> {
    /// A span of time with its unit.
    static func duration(atLeast minimum: Seconds = 1) -> ValueType {
        ValueType(
            summary: "duration",
            schema: ["type": "string", "pattern": "^[0-9]+[smhd]$"]
        ) { node, findings in
            guard case .scalar(let scalar) = node.content, !node.isNull else {
                findings.report(mismatch(node, expected: durationForm), at: node.position)
                return nil
            }
            guard let span = seconds(scalar, at: node.position, &findings) else { return nil }
            guard (minimum...longest).contains(span) else {
                findings.report("expected \(minimum) to 3650d", at: node.position)
                return nil
            }
            return span
        } show: {
            .string($0.description)
        }
    }
}

private let durationForm = "a duration like 30s, 10m, 72h or 2d"
private let longest = Seconds.hours(24 * 3650)

private func seconds(
    _ scalar: Scalar, at position: Position, _ findings: inout Findings
) -> Seconds? {
    switch scalar.value {
    case .integer, .hugeInteger, .number:
        findings.report("a number alone has no unit; expected \(durationForm)", at: position)
        return nil
    case .boolean, .null, .refused:
        findings.report("expected \(durationForm)", at: position)
        return nil
    case .string: return span(scalar.text, at: position, &findings)
    }
}

/// Digits and one unit; nil when they are not, which is reported.
func span(_ text: String, at position: Position, _ findings: inout Findings) -> Seconds? {
    let digits = text.utf8.prefix { (48...57).contains($0) }
    let unit = String(text.dropFirst(digits.count))
    let lengths = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
    if unit == "ms" {
        findings.report("the shortest unit is a second; expected \(durationForm)", at: position)
        return nil
    }
    guard !digits.isEmpty, let length = lengths[unit] else {
        findings.report("expected \(durationForm): digits and one unit", at: position)
        return nil
    }
    // Too many digits for an Int are too long anyway.
    let count = Int(Substring(digits)) ?? .max
    let (total, overflow) = count.multipliedReportingOverflow(by: length)
    return Seconds(overflow ? .max : total)
}

extension ValueType<Timestamp> {
    static let moment = ValueType.strings(
        "RFC 3339 time", schema: ["type": "string", "format": "date-time"]
    ) { text, position, findings in
        guard let moment = rfc3339(text) else {
            findings.report(
                "expected a time with its zone, like 2026-12-01T00:00:00Z (RFC 3339)",
                at: position)
            return nil
        }
        return moment
    } show: {
        .string($0.description)
    }
}

/// `Timestamp` with the form checked first: its parser is lenient about what follows.
private func rfc3339(_ text: String) -> Timestamp? {
    let form = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?(Z|[+-]\d{2}:\d{2})/
    return text.utf8.count <= 40 && text.wholeMatch(of: form) != nil ? Timestamp(text) : nil
}
