/// A body in AWS's own chunks (`aws-chunked`), with the headers that follow it: how SDKs send a
/// checksum that they only know at the end.
struct ChunkedBody: Sendable {
    var bytes: [UInt8]
    /// Names in lower case.
    var trailers: [(name: String, value: String)]

    init(bytes: [UInt8], trailers: [(name: String, value: String)]) {
        self.bytes = bytes
        self.trailers = trailers
    }

    /// Nil when the chunks are not whole and well-formed.
    init?(decoding encoded: [UInt8]) {
        var rest = encoded[...]
        var bytes: [UInt8] = []
        while true {
            guard let line = ChunkedBody.line(&rest),
                let size = Int(line.prefix { $0 != ";" }, radix: 16), size >= 0
            else { return nil }
            if size == 0 { break }
            guard rest.count >= size + 2 else { return nil }
            bytes += rest.prefix(size)
            rest = rest.dropFirst(size)
            guard ChunkedBody.line(&rest) == "" else { return nil }
        }
        var trailers: [(name: String, value: String)] = []
        while let line = ChunkedBody.line(&rest), !line.isEmpty {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = WireRequest.trimmed(line[line.index(after: colon)...])
            trailers.append((line[..<colon].lowercased(), value))
        }
        guard rest.isEmpty else { return nil }
        self.bytes = bytes
        self.trailers = trailers
    }

    private static func line(_ rest: inout ArraySlice<UInt8>) -> String? {
        guard let end = rest.prefix(8 << 10).firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        var line = rest[..<end]
        rest = rest[(end + 1)...]
        if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
        return String(decoding: line, as: UTF8.self)
    }
}
