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
        // Only the last `*` can need another try, so this is at most tokens × name steps.
        var token = 0
        var place = 0
        var retry: (token: Int, place: Int)?
        while place < name.count {
            if token < tokens.count, case .anySequence = tokens[token] {
                retry = (token + 1, place)
                token += 1
            } else if token < tokens.count, accepts(tokens[token], name[place]) {
                token += 1
                place += 1
            } else if let again = retry {
                retry = (again.token, again.place + 1)
                (token, place) = (again.token, again.place + 1)
            } else {
                return false
            }
        }
        return tokens[token...].allSatisfy {
            if case .anySequence = $0 { true } else { false }
        }
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
        // As with `*` in a name, only the last `**` can need another try.
        var component = 0
        var place = 0
        var retry: (component: Int, place: Int)?
        while place < names.count {
            if component < components.count, case .anyDirectories = components[component] {
                retry = (component + 1, place)
                component += 1
            } else if component < components.count, case .name(let name) = components[component],
                name.matches(names[place])
            {
                component += 1
                place += 1
            } else if let again = retry {
                retry = (again.component, again.place + 1)
                (component, place) = (again.component, again.place + 1)
            } else {
                return false
            }
        }
        return component == components.count
    }
}
