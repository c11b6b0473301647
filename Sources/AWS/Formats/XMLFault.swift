/// Why bytes are not the XML that services send.
///
/// Never quotes them.
package struct XMLFault: Error, Hashable, Sendable, CustomStringConvertible {
    package let reason: String
    /// Of the byte where reading stopped, from 1.
    package let line: Int
    package let column: Int

    package var description: String { "line \(line), column \(column): \(reason)" }
}

/// The bounds of one document.
package struct XMLLimits: Hashable, Sendable {
    package var bytes: Int
    package var depth: Int
    package var elements: Int
    package var attributes: Int

    /// The defaults fit the largest answer of EC2 ten times over.
    package init(
        bytes: Int = 256 << 20, depth: Int = 64, elements: Int = 16 << 20, attributes: Int = 64
    ) {
        self.bytes = bytes
        self.depth = depth
        self.elements = elements
        self.attributes = attributes
    }
}
