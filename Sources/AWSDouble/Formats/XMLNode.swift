/// An element of a small XML document that a client sent; strict about what is never sent.
struct XMLNode: Sendable {
    var name: String
    var text = ""
    var children: [XMLNode] = []

    subscript(name: String) -> String? { children.first { $0.name == name }?.text }

    func all(_ name: String) -> [XMLNode] { children.filter { $0.name == name } }

    /// Nil for anything but one well-formed element, after an optional declaration.
    init?(_ bytes: [UInt8]) {
        var rest = Substring(String(decoding: bytes, as: UTF8.self))
        XMLNode.skipSpace(&rest)
        if rest.hasPrefix("<?xml") {
            guard let end = rest.firstRange(of: "?>") else { return nil }
            rest = rest[end.upperBound...]
        }
        guard let element = XMLNode.read(&rest, depth: 0) else { return nil }
        XMLNode.skipSpace(&rest)
        guard rest.isEmpty else { return nil }
        self = element
    }

    private init(name: String) { self.name = name }

    private static func skipSpace(_ rest: inout Substring) {
        rest = rest.drop(while: \.isWhitespace)
    }

    private static func read(_ rest: inout Substring, depth: Int) -> XMLNode? {
        skipSpace(&rest)
        guard depth < 16, rest.popFirst() == "<", let end = rest.firstIndex(of: ">") else {
            return nil
        }
        var tag = rest[..<end]
        rest = rest[rest.index(after: end)...]
        let isEmpty = tag.hasSuffix("/")
        if isEmpty { tag = tag.dropLast() }
        guard let name = tag.split(whereSeparator: \.isWhitespace).first,
            name.first?.isLetter == true
        else { return nil }
        var element = XMLNode(name: String(name))
        if isEmpty { return element }
        var text = ""
        while true {
            guard let open = rest.firstIndex(of: "<") else { return nil }
            text += rest[..<open]
            rest = rest[open...]
            if rest.hasPrefix("</") {
                let closing = "</\(name)>"
                guard rest.hasPrefix(closing), let plain = unescaped(text) else { return nil }
                rest = rest.dropFirst(closing.count)
                element.text = plain
                return element
            }
            guard let child = read(&rest, depth: depth + 1) else { return nil }
            element.children.append(child)
        }
    }

    private static func unescaped(_ text: String) -> String? {
        guard text.contains("&") else { return text }
        var result = ""
        var rest = Substring(text)
        while let at = rest.firstIndex(of: "&") {
            result += rest[..<at]
            guard let end = rest[at...].firstIndex(of: ";") else { return nil }
            switch rest[rest.index(after: at)..<end] {
            case "amp": result += "&"
            case "lt": result += "<"
            case "gt": result += ">"
            case "quot", "#34": result += "\""
            case "apos", "#39": result += "'"
            default: return nil
            }
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }
}
