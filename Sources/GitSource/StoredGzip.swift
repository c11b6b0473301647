/// A gzip file of stored blocks (RFC 1951, section 3.2.4): any gunzip reads it, and it needs no
/// compressor, so that equal input gives equal bytes with every version of every library.
struct StoredGzip {
    private(set) var output: [UInt8]
    private var block: [UInt8] = []
    private var checksum = Checksum()
    private var length = 0

    private static let blockSize = 65_535
    private static let trailer = 5 + 8

    init() {
        // Magic, deflate, no flags, no time, no level, unknown system.
        output = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]
        block.reserveCapacity(StoredGzip.blockSize)
    }

    /// The size of the whole file if it were finished after `more` further bytes.
    func size(adding more: Int) -> Int {
        let pending = block.count + more
        return output.count + pending + 5 * (pending / StoredGzip.blockSize) + StoredGzip.trailer
    }

    mutating func add(_ bytes: [UInt8]) {
        checksum.add(bytes[...])
        length += bytes.count
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = rest.prefix(StoredGzip.blockSize - block.count)
            block += part
            rest = rest.dropFirst(part.count)
            if block.count == StoredGzip.blockSize { writeBlock(isLast: false) }
        }
    }

    mutating func finish() {
        writeBlock(isLast: true)
        output += StoredGzip.littleEndian(checksum.value)
        output += StoredGzip.littleEndian(UInt32(truncatingIfNeeded: length))
    }

    private mutating func writeBlock(isLast: Bool) {
        let count = UInt16(block.count)
        output.append(isLast ? 1 : 0)
        output += [UInt8(count & 255), UInt8(count >> 8)]
        output += [UInt8(~count & 255), UInt8(~count >> 8)]
        output += block
        block.removeAll(keepingCapacity: true)
    }

    private static func littleEndian(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
    }
}
