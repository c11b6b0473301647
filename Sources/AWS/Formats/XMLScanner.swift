/// Reads XML once from front to back and notes where each element is.
///
/// What services never send is refused: document types, and with them every entity but the five and
/// character references. Comments and processing instructions are skipped.
struct XMLScanner {
    /// One element; its descendants follow it, up to `end`.
    struct Node {
        var nameStart: Int32
        var nameEnd: Int32
        var contentStart: Int32
        var contentEnd: Int32 = 0
        /// The index after its last descendant.
        var end: Int32 = 0
        /// The content holds nothing that must be decoded.
        var isPlain = true
    }

    private static let greatestName = 255

    private let bytes: UnsafeBufferPointer<UInt8>
    private let limits: XMLLimits
    private var position = 0
    private var nodes: [Node] = []
    private var open: [Int] = []

    private init(_ bytes: UnsafeBufferPointer<UInt8>, _ limits: XMLLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    /// The elements in the order of their start tags; the first one is the root.
    static func scan(_ bytes: [UInt8], _ limits: XMLLimits) throws(XMLFault) -> [Node] {
        try bytes.withUnsafeBufferPointer { (bytes) throws(XMLFault) in
            var scanner = XMLScanner(bytes, limits)
            guard bytes.count <= min(limits.bytes, Int(Int32.max)) else {
                throw scanner.fault("more than \(limits.bytes) bytes")
            }
            // An element takes ten bytes or more, and most take forty.
            scanner.nodes.reserveCapacity(min(limits.elements, bytes.count / 32 + 16))
            try scanner.scanDocument()
            return scanner.nodes
        }
    }

    // MARK: The document

    private mutating func scanDocument() throws(XMLFault) {
        if starts(with: "\u{FEFF}") { position += 3 }
        try skipMiscellany()
        guard position < bytes.count, nodes.isEmpty else { throw fault("no element") }
        try scanStartTag()
        while let element = open.last {
            try scanText(of: element)
            try scanMarkup(in: element)
        }
        try skipMiscellany()
        guard position == bytes.count else { throw fault("something follows the root element") }
    }

    /// What may stand before and after the root element.
    private mutating func skipMiscellany() throws(XMLFault) {
        while true {
            skipBlanks()
            if starts(with: "<?") {
                try skip(through: "?>", after: 2)
            } else if starts(with: "<!--") {
                try skip(through: "-->", after: 4)
            } else if starts(with: "<!") {
                throw fault("a document type is not accepted")
            } else {
                return
            }
        }
    }

    private mutating func scanText(of element: Int) throws(XMLFault) {
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "<") { return }
            if byte == UInt8(ascii: "&") {
                nodes[element].isPlain = false
                guard XMLReference.read(bytes, &position) != nil else {
                    throw fault("an unknown or broken reference")
                }
                continue
            }
            if byte < 32 {
                if byte == 13 { nodes[element].isPlain = false }
                guard XMLScanner.isBlank(byte) else { throw fault("a control character") }
            }
            position += 1
        }
        throw fault("the document ends within an element")
    }

    /// At a `<` in an element's content.
    private mutating func scanMarkup(in element: Int) throws(XMLFault) {
        guard position + 1 < bytes.count else { throw fault("the document ends within a tag") }
        switch bytes[position + 1] {
        case UInt8(ascii: "/"): try scanEndTag(of: element)
        case UInt8(ascii: "?"):
            nodes[element].isPlain = false
            try skip(through: "?>", after: 2)
        case UInt8(ascii: "!"):
            nodes[element].isPlain = false
            if starts(with: "<!--") {
                try skip(through: "-->", after: 4)
            } else if starts(with: "<![CDATA[") {
                try skip(through: "]]>", after: 9)
            } else {
                throw fault("a declaration within an element")
            }
        default: try scanStartTag()
        }
    }

    // MARK: Tags

    private mutating func scanStartTag() throws(XMLFault) {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "<") else {
            throw fault("text outside of the root element")
        }
        position += 1
        let name = try scanName()
        guard nodes.count < limits.elements else {
            throw fault("more than \(limits.elements) elements")
        }
        guard open.count < limits.depth else {
            throw fault("elements nested deeper than \(limits.depth)")
        }
        let isEmpty = try scanAttributes()
        var node = Node(
            nameStart: Int32(name.lowerBound), nameEnd: Int32(name.upperBound),
            contentStart: Int32(position))
        if isEmpty {
            node.contentEnd = node.contentStart
            node.end = Int32(nodes.count + 1)
        } else {
            open.append(nodes.count)
        }
        nodes.append(node)
    }

    /// Checks attributes, which no answer needs, up to the end of the tag; true for `/>`.
    private mutating func scanAttributes() throws(XMLFault) -> Bool {
        var count = 0
        while position < bytes.count {
            let before = position
            skipBlanks()
            if starts(with: ">") {
                position += 1
                return false
            }
            if starts(with: "/>") {
                position += 2
                return true
            }
            count += 1
            guard count <= limits.attributes, position > before else {
                throw fault("too many attributes, or no blank before one")
            }
            _ = try scanName()
            skipBlanks()
            guard starts(with: "=") else { throw fault("an attribute without a value") }
            position += 1
            skipBlanks()
            try scanAttributeValue()
        }
        throw fault("the document ends within a tag")
    }

    private mutating func scanAttributeValue() throws(XMLFault) {
        guard starts(with: "\"") || starts(with: "'") else {
            throw fault("an attribute without quotes")
        }
        let quote = bytes[position]
        position += 1
        while position < bytes.count, bytes[position] != quote {
            switch bytes[position] {
            case UInt8(ascii: "&"):
                guard XMLReference.read(bytes, &position) != nil else {
                    throw fault("an unknown or broken reference")
                }
            case UInt8(ascii: "<"): throw fault("a < within an attribute")
            default: position += 1
            }
        }
        guard position < bytes.count else { throw fault("the document ends within a tag") }
        position += 1
    }

    private mutating func scanEndTag(of element: Int) throws(XMLFault) {
        let contentEnd = position
        let name = Int(nodes[element].nameStart)..<Int(nodes[element].nameEnd)
        let end = position + 2 + name.count
        guard end < bytes.count, bytes[(position + 2)..<end].elementsEqual(bytes[name]) else {
            throw fault("an end tag that does not match")
        }
        position = end
        skipBlanks()
        guard starts(with: ">") else { throw fault("an end tag that does not match") }
        position += 1
        nodes[element].contentEnd = Int32(contentEnd)
        nodes[element].end = Int32(nodes.count)
        open.removeLast()
    }

    private mutating func scanName() throws(XMLFault) -> Range<Int> {
        let start = position
        while position < bytes.count, XMLScanner.isNameByte(bytes[position]) { position += 1 }
        guard position > start, position - start <= XMLScanner.greatestName,
            !XMLScanner.cannotBegin(bytes[start])
        else { throw fault("no name where one must be") }
        return start..<position
    }

    // MARK: Bytes

    private func starts(with text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard position + count <= bytes.count else { return false }
        return (0..<count).allSatisfy { bytes[position + $0] == text.utf8Start[$0] }
    }

    private mutating func skip(
        through text: StaticString, after count: Int
    ) throws(XMLFault) {
        let start = position
        position += count
        while position < bytes.count {
            let byte = bytes[position]
            if byte == text.utf8Start[0], starts(with: text) {
                position += text.utf8CodeUnitCount
                return
            }
            guard byte >= 32 || XMLScanner.isBlank(byte) else { throw fault("a control character") }
            position += 1
        }
        position = start
        throw fault("a part that begins here has no end")
    }

    private mutating func skipBlanks() {
        while position < bytes.count, XMLScanner.isBlank(bytes[position]) { position += 1 }
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 32 || byte == 10 || byte == 9 || byte == 13
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...0xFF:
            true
        case UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "-"), UInt8(ascii: "."): true
        default: false
        }
    }

    private static func cannotBegin(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }

    private func fault(_ reason: String) -> XMLFault {
        let read = bytes[..<min(position, bytes.count)]
        let line = read.count { $0 == 10 } + 1
        let column = read.count - (read.lastIndex(of: 10).map { $0 + 1 } ?? 0) + 1
        return XMLFault(reason: reason, line: line, column: column)
    }
}

/// `&amp;` and its siblings, and characters by number.
enum XMLReference {
    private static let longest = 12

    /// Reads one from its `&` on and moves past its `;`; nil, without moving, for anything else.
    static func read(_ bytes: UnsafeBufferPointer<UInt8>, _ position: inout Int) -> UInt32? {
        let limit = min(bytes.count, position + longest)
        guard let end = bytes[position..<limit].firstIndex(of: UInt8(ascii: ";")),
            let value = value(of: bytes[(position + 1)..<end])
        else { return nil }
        position = end + 1
        return value
    }

    private static func value(of name: Slice<UnsafeBufferPointer<UInt8>>) -> UInt32? {
        switch String(decoding: name, as: UTF8.self) {
        case "amp": return 0x26
        case "lt": return 0x3C
        case "gt": return 0x3E
        case "quot": return 0x22
        case "apos": return 0x27
        case let text where text.hasPrefix("#x"):
            return scalar(text.dropFirst(2), radix: 16)
        case let text where text.hasPrefix("#"): return scalar(text.dropFirst(), radix: 10)
        default: return nil
        }
    }

    private static func scalar(_ digits: Substring, radix: Int) -> UInt32? {
        // `Int` would also take a sign.
        guard digits.utf8.first.map({ $0 != 43 && $0 != 45 }) == true,
            let number = UInt32(digits, radix: radix), number > 0
        else { return nil }
        return Unicode.Scalar(number)?.value
    }
}
