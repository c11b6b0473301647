/// One XML answer: its bytes, and an index of its elements.
///
/// Text is decoded when it is asked for, so that reading a few fields of a large answer is cheap:
/// a second of one core reads several hundred megabytes.
package final class XMLDocument: Sendable {
    fileprivate let bytes: [UInt8]
    fileprivate let nodes: [XMLScanner.Node]

    /// Reads bounded, well-formed UTF-8 XML without a document type.
    package init(_ bytes: [UInt8], limits: XMLLimits = XMLLimits()) throws(XMLFault) {
        nodes = try XMLScanner.scan(bytes, limits)
        do {
            _ = try UTF8Span(validating: bytes.span)
        } catch {
            throw XMLFault(reason: "the bytes are not UTF-8", line: 1, column: 1)
        }
        self.bytes = bytes
    }

    package var root: XMLElement { XMLElement(document: self, index: 0) }
}

/// One element of a document; cheap to copy.
package struct XMLElement: Sendable {
    fileprivate let document: XMLDocument
    fileprivate let index: Int

    private var node: XMLScanner.Node { document.nodes[index] }

    package var name: String {
        let node = node
        return String(
            decoding: document.bytes[Int(node.nameStart)..<Int(node.nameEnd)], as: UTF8.self)
    }

    /// Its decoded text; empty for an element that holds others.
    package var text: String {
        let node = node
        if Int(node.end) > index + 1 { return "" }
        let content = Int(node.contentStart)..<Int(node.contentEnd)
        if node.isPlain { return String(decoding: document.bytes[content], as: UTF8.self) }
        return document.bytes.withUnsafeBufferPointer { XMLText.decode($0, content) }
    }

    /// The elements that it holds, in order.
    package var children: some Sequence<XMLElement> {
        sequence(state: index + 1) { [document, node] next -> XMLElement? in
            guard next < Int(node.end) else { return nil }
            defer { next = Int(document.nodes[next].end) }
            return XMLElement(document: document, index: next)
        }
    }

    /// The first child of this name.
    package subscript(name: String) -> XMLElement? {
        let end = Int(node.end)
        var next = index + 1
        while next < end {
            let child = document.nodes[next]
            if isNamed(child, name) { return XMLElement(document: document, index: next) }
            next = Int(child.end)
        }
        return nil
    }

    /// The text of the first child of this name; nil where there is none.
    package func text(_ name: String) -> String? { self[name]?.text }

    /// The elements of a list as services write it, `<instancesSet><item>…`; none where the list
    /// is absent.
    package func items(_ list: String, of name: String = "item") -> [XMLElement] {
        guard let list = self[list] else { return [] }
        return list.children.filter { isNamed($0.node, name) }
    }

    private func isNamed(_ node: XMLScanner.Node, _ name: String) -> Bool {
        let range = Int(node.nameStart)..<Int(node.nameEnd)
        guard range.count == name.utf8.count else { return false }
        return document.bytes[range].elementsEqual(name.utf8)
    }
}

/// The content of an element that holds references, CDATA, comments or carriage returns.
private enum XMLText {
    static func decode(_ bytes: UnsafeBufferPointer<UInt8>, _ content: Range<Int>) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(content.count)
        var position = content.lowerBound
        while position < content.upperBound {
            switch bytes[position] {
            case UInt8(ascii: "&"):
                // The scanner has read the same reference before.
                if let value = XMLReference.read(bytes, &position),
                    let scalar = Unicode.Scalar(value)
                {
                    output += Array(String(Character(scalar)).utf8)
                } else {
                    position += 1
                }
            case UInt8(ascii: "<"): position = skipMarkup(bytes, position, content, &output)
            case 13:
                // A line ends with one line feed, whatever it was sent as.
                output.append(10)
                position += position + 1 < content.upperBound && bytes[position + 1] == 10 ? 2 : 1
            case let byte:
                output.append(byte)
                position += 1
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Moves past a comment, an instruction or CDATA, whose text it takes over.
    private static func skipMarkup(
        _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ content: Range<Int>,
        _ output: inout [UInt8]
    ) -> Int {
        let isText = matches(bytes, start, "<![CDATA[")
        let isComment = matches(bytes, start, "<!--")
        let closing: StaticString = isText ? "]]>" : isComment ? "-->" : "?>"
        let begin = start + (isText ? 9 : isComment ? 4 : 2)
        var end = begin
        while end < content.upperBound, !matches(bytes, end, closing) { end += 1 }
        if isText { output += bytes[min(begin, end)..<end] }
        return min(content.upperBound, end + closing.utf8CodeUnitCount)
    }

    private static func matches(
        _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ text: StaticString
    ) -> Bool {
        let count = text.utf8CodeUnitCount
        guard start + count <= bytes.count else { return false }
        return (0..<count).allSatisfy { bytes[start + $0] == text.utf8Start[$0] }
    }
}
