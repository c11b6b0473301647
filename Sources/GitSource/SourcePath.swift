import Training

/// Paths as text: made absolute, without `.`, `..` and doubled slashes.
enum SourcePath {
    static func absolute(_ path: String, in directory: String) -> String {
        let whole = path.hasPrefix("/") ? path : directory + "/" + path
        var parts: [String] = []
        for part in whole.pathNames where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }

    /// A folder inside a repository, `/`-separated; empty for its root, nil when it leaves it.
    static func inside(_ path: String) -> String? {
        let parts = path.pathNames.filter { $0 != "." }
        guard !path.hasPrefix("/"), !parts.contains(".."),
            !path.utf8.contains(where: { $0 < 32 || $0 == 127 })
        else { return nil }
        return parts.joined(separator: "/")
    }

    static func percentDecoded(_ text: String) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            guard digits.utf8.count == 2, let value = UInt8(digits, radix: 16), value != 0 else {
                return nil
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
