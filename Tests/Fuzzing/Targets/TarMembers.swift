/// The paths in an archive as tar would unpack it: a second reader, so that the writer is not
/// judged by itself.
struct TarMembers {
    private(set) var paths: [[UInt8]] = []

    /// Reads a gzip file of stored blocks; nil where it is none, or what it holds is no archive.
    init?(gzip bytes: [UInt8]) {
        var content: [UInt8] = []
        var place = 10
        var isLast = false
        while !isLast {
            guard place + 5 <= bytes.count else { return nil }
            isLast = bytes[place] == 1
            let count = Int(bytes[place + 1]) | Int(bytes[place + 2]) << 8
            guard place + 5 + count <= bytes.count else { return nil }
            content += bytes[(place + 5)..<(place + 5 + count)]
            place += 5 + count
        }
        guard place + 8 == bytes.count, content.count % 512 == 0 else { return nil }
        guard read(content[...]) else { return nil }
    }

    private mutating func read(_ content: ArraySlice<UInt8>) -> Bool {
        var rest = content
        var longName: [UInt8]?
        while let first = rest.first, first != 0 {
            let header = Array(rest.prefix(512))
            let digits = String(decoding: header[124..<135], as: UTF8.self)
            guard let size = Int(digits, radix: 8) else { return false }
            let body = rest.dropFirst(512).prefix(size)
            rest = rest.dropFirst(512 + (size + 511) / 512 * 512)
            if header[156] == UInt8(ascii: "x") {
                longName = TarMembers.path(inAttributes: body)
            } else {
                paths.append(longName ?? Array(header[..<100].prefix { $0 != 0 }))
                longName = nil
            }
        }
        return rest.count == 1024
    }

    /// The path among `LENGTH KEY=VALUE\n` (pax); nil where there is none.
    private static func path(inAttributes bytes: ArraySlice<UInt8>) -> [UInt8]? {
        var rest = bytes
        while let blank = rest.firstIndex(of: 32),
            let length = Int(String(decoding: rest[..<blank], as: UTF8.self)), length > 0
        {
            let text = rest.prefix(length).dropFirst(blank - rest.startIndex + 1).dropLast()
            if text.starts(with: "path=".utf8) { return Array(text.dropFirst(5)) }
            rest = rest.dropFirst(length)
        }
        return nil
    }
}
