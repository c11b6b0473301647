import Training

/// One component of a path pattern: `*`, `?`, `[a-z]`, `[!a-z]`, and `\` before a literal.
///
/// As in a shell, a wildcard at the beginning does not match a leading dot.
struct NamePattern: Sendable {
    private enum Token: Sendable {
        case literal(Unicode.Scalar)
        case any
        case anySequence
        case set([ClosedRange<Unicode.Scalar>], negated: Bool)

        var isSequence: Bool { if case .anySequence = self { true } else { false } }
    }

    private var tokens: [Token]
    /// Set when there is no wildcard: then there is nothing to list.
    private(set) var literal: String?

    init(_ text: some StringProtocol) {
        tokens = []
        var rest = Array(text.unicodeScalars)[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "*": tokens.append(.anySequence)
            case "?": tokens.append(.any)
            case "[": tokens.append(NamePattern.set(&rest) ?? .literal("["))
            case "\\": tokens.append(.literal(rest.popFirst() ?? "\\"))
            default: tokens.append(.literal(scalar))
            }
        }
        var plain = String.UnicodeScalarView()
        for token in tokens {
            guard case .literal(let scalar) = token else { return }
            plain.append(scalar)
        }
        literal = String(plain)
    }

    func matches(_ name: some StringProtocol) -> Bool {
        let name = Array(name.unicodeScalars)
        if name.first == ".", let first = tokens.first {
            guard case .literal(".") = first else { return false }
        }
        return fits(name, tokens, isMany: \.isSequence) { accepts($0, $1) }
    }

    private func accepts(_ token: Token, _ scalar: Unicode.Scalar) -> Bool {
        switch token {
        case .literal(let wanted): wanted == scalar
        case .any: true
        case .anySequence: false
        case .set(let ranges, let negated):
            ranges.contains { $0.contains(scalar) } != negated
        }
    }

    /// Reads a set after its `[`; nil, with nothing consumed, when it never ends.
    private static func set(_ rest: inout ArraySlice<Unicode.Scalar>) -> Token? {
        var ahead = rest
        var negated = false
        if ahead.first == "!" || ahead.first == "^" {
            negated = true
            ahead.removeFirst()
        }
        var ranges: [ClosedRange<Unicode.Scalar>] = []
        var isFirst = true
        while let scalar = ahead.popFirst() {
            if scalar == "]" && !isFirst {
                rest = ahead
                return .set(ranges, negated: negated)
            }
            isFirst = false
            if ahead.first == "-", let end = ahead.dropFirst().first, end != "]" {
                ahead.removeFirst(2)
                if scalar <= end { ranges.append(scalar...end) }
            } else {
                ranges.append(scalar...scalar)
            }
        }
        return nil
    }
}

/// A pattern of relative paths; `**` stands for any number of directories.
struct PathPattern: Sendable {
    enum Component: Sendable {
        case name(NamePattern)
        case anyDirectories

        var isAnyDirectories: Bool { if case .anyDirectories = self { true } else { false } }
    }

    let components: [Component]

    /// Nil for a pattern that is empty, absolute, or leaves its directory.
    init?(_ text: String) {
        guard !text.hasPrefix("/") else { return nil }
        let parts = text.pathNames.filter { $0 != "." }
        guard !parts.isEmpty, !parts.contains(".."), parts.count <= 32 else { return nil }
        var components: [Component] = []
        for part in parts {
            if part != "**" {
                components.append(.name(NamePattern(part)))
            } else if case .anyDirectories? = components.last {
                continue
            } else {
                components.append(.anyDirectories)
            }
        }
        // At its end it stands for everything below.
        if case .anyDirectories? = components.last { components.append(.name(NamePattern("*"))) }
        self.components = components
    }

    /// Whether a relative path matches as a whole.
    func matches(_ path: some StringProtocol) -> Bool {
        let names = path.pathNames
        return fits(names, components, isMany: \.isAnyDirectories) { component, name in
            if case .name(let pattern) = component { pattern.matches(name) } else { false }
        }
    }
}

/// Whether items fit parts one by one, where some parts stand for any number of items.
///
/// Only the last of those can need another try, so this is at most parts × items steps.
private func fits<Item, Part>(
    _ items: [Item], _ parts: [Part], isMany: (Part) -> Bool, isFit: (Part, Item) -> Bool
) -> Bool {
    var part = 0
    var item = 0
    var retry: (part: Int, item: Int)?
    while item < items.count {
        if part < parts.count, isMany(parts[part]) {
            retry = (part + 1, item)
            part += 1
        } else if part < parts.count, isFit(parts[part], items[item]) {
            part += 1
            item += 1
        } else if let again = retry {
            retry = (again.part, again.item + 1)
            (part, item) = (again.part, again.item + 1)
        } else {
            return false
        }
    }
    return parts[part...].allSatisfy(isMany)
}
