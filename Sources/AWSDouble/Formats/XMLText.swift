/// XML being written: bytes appended in order, elements closed by scope.
struct XMLText: Sendable {
    private(set) var bytes: [UInt8]

    init(capacity: Int = 1 << 10) {
        bytes = []
        bytes.reserveCapacity(capacity)
        bytes += Array("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".utf8)
    }

    /// An element around whatever `content` writes.
    mutating func element(
        _ name: StaticString, namespace: StaticString? = nil, _ content: (inout XMLText) -> Void
    ) {
        open(name, namespace)
        content(&self)
        close(name)
    }

    /// An element with a namespace and text.
    mutating func element(_ name: StaticString, namespace: StaticString, text: String) {
        open(name, namespace)
        append(escaping: text)
        close(name)
    }

    /// An element with text.
    mutating func element(_ name: StaticString, _ text: String) {
        open(name, nil)
        append(escaping: text)
        close(name)
    }

    mutating func element(_ name: StaticString, _ number: Int) {
        open(name, nil)
        bytes += Array(String(number).utf8)
        close(name)
    }

    mutating func element(_ name: StaticString, _ flag: Bool) {
        element(name, flag ? "true" : "false")
    }

    /// Nothing when `text` is nil.
    mutating func element(_ name: StaticString, ifAny text: String?) {
        if let text { element(name, text) }
    }

    private mutating func open(_ name: StaticString, _ namespace: StaticString?) {
        bytes.append(UInt8(ascii: "<"))
        append(name)
        if let namespace {
            bytes += Array(" xmlns=\"".utf8)
            append(namespace)
            bytes.append(UInt8(ascii: "\""))
        }
        bytes.append(UInt8(ascii: ">"))
    }

    private mutating func close(_ name: StaticString) {
        bytes.append(UInt8(ascii: "<"))
        bytes.append(UInt8(ascii: "/"))
        append(name)
        bytes.append(UInt8(ascii: ">"))
    }

    private mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    private mutating func append(escaping text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "<"): append("&lt;")
            case UInt8(ascii: ">"): append("&gt;")
            case UInt8(ascii: "&"): append("&amp;")
            case UInt8(ascii: "\""): append("&quot;")
            case UInt8(ascii: "\r"): append("&#13;")
            default: bytes.append(byte)
            }
        }
    }
}
