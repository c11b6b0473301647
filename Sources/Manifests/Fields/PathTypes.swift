import Training

extension ValueType<String> {
    /// A file or a glob below the working directory.
    static func relativePath(_ summary: String) -> ValueType {
        .strings(summary) { text, position, findings in
            guard let path = normalized(text, at: position, &findings) else { return nil }
            guard path != "." else {
                findings.report("name something below the working directory", at: position)
                return nil
            }
            return path
        } show: {
            .string($0)
        }
    }

    /// A folder of this repository; `.` is its root.
    static let folder = ValueType(
        summary: "folder of this repository", schema: ["type": "string", "minLength": 1]
    ) { node, findings in
        if case .mapping = node.content {
            findings.report(
                "a folder of another repository ({url, ref}) is not supported yet",
                at: node.position)
            return nil
        }
        guard let text = node.string else {
            findings.report(mismatch(node, expected: "a string"), at: node.position)
            return nil
        }
        if text.contains("://") || text.hasPrefix("git@") {
            findings.report(
                "a URL is not supported yet; name a folder of this repository", at: node.position)
            return nil
        }
        return normalized(text, at: node.position, &findings)
    } show: {
        .string($0)
    }
}

extension ValueType {
    static func list<Element>(
        of element: ValueType<Element>, atLeast minimum: Int = 0
    ) -> ValueType where Value == [Element] {
        var schema: JSONValue = ["type": "array", "items": element.schema]
        if minimum > 0 { schema = schema.adding(["minItems": .integer(minimum)]) }
        return ValueType(
            summary: "list of \(element.summary)s", schema: schema
        ) { node, findings in
            guard case .sequence(let items) = node.content else {
                findings.report(mismatch(node, expected: "a list"), at: node.position)
                return nil
            }
            guard items.count >= minimum else {
                findings.report("the list is empty", at: node.position)
                return nil
            }
            let before = findings.count
            let values = items.compactMap { element.read($0, &findings) }
            return findings.count == before ? values : nil
        } show: {
            .array($0.compactMap(element.show))
        }
    }
}

/// The path without empty and `.` components; nil when it leaves its folder.
private func normalized(
    _ text: String, at position: Position, _ findings: inout Findings
) -> String? {
    func refuse(_ reason: String) -> String? {
        findings.report(reason, at: position)
        return nil
    }
    if text.isEmpty { return refuse("expected a path, this is empty") }
    if text.utf8.count > 1024 { return refuse("a path has at most 1024 bytes") }
    if text.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) {
        return refuse("a path cannot hold control characters")
    }
    if text.hasPrefix("/") || text.hasPrefix("~") {
        return refuse("expected a relative path, without a leading `/` or `~`")
    }
    let components = text.pathNames.filter { $0 != "." }
    if components.contains("..") { return refuse("a path cannot go up with `..`") }
    return components.isEmpty ? "." : components.joined(separator: "/")
}
