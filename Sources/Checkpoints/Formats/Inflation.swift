/// Unpacks a deflated record (RFC 1951) piece by piece, keeping 32 KiB of it: enough to prove its
/// checksum and to look at its beginning.
struct Inflation {
    private static let window = 1 << 15

    private let file: any FileBytes
    private let name: String
    /// What is not read yet of the packed bytes.
    private var rest: Range<Int>
    private var input: [UInt8] = []
    private var place = 0
    private var bits: UInt64 = 0
    private var bitCount = 0

    private var output: [UInt8] = []
    private var sum = CRC32()
    private var done = 0
    private let size: Int
    /// The first bytes, unpacked.
    private var head: [UInt8] = []
    private let headSize: Int

    /// Unpacks the whole record and proves it; its first `headSize` bytes come back.
    static func prove(
        _ record: ZipDirectory.Record, in file: any FileBytes, headSize: Int
    ) throws(FormatFlaw) -> ByteFields {
        var inflation = Inflation(record, file, headSize)
        try inflation.run()
        guard inflation.done == record.size, inflation.sum.value == record.sum,
            inflation.rest.isEmpty, inflation.place == inflation.input.count
        else {
            throw .damaged("its record \(record.shown) is not what was written")
        }
        return ByteFields(inflation.head)
    }

    private init(_ record: ZipDirectory.Record, _ file: any FileBytes, _ headSize: Int) {
        self.file = file
        self.headSize = min(headSize, record.size)
        name = record.shown
        size = record.size
        rest = record.offset..<(record.offset + record.stored)
        output.reserveCapacity(2 * Inflation.window)
    }

    private func flaw() -> FormatFlaw { .damaged("its record \(name) cannot be unpacked") }

    // MARK: Blocks

    private mutating func run() throws(FormatFlaw) {
        var isLast = false
        while !isLast {
            isLast = try take(1) == 1
            switch try take(2) {
            case 0: try copyStored()
            case 1: try unpack(Inflation.fixedLengths, Inflation.fixedDistances)
            case 2:
                let (lengths, distances) = try readCodes()
                try unpack(lengths, distances)
            default: throw flaw()
            }
        }
        flush(keeping: 0)
    }

    private mutating func copyStored() throws(FormatFlaw) {
        _ = try take(bitCount % 8)
        let length = try take(16)
        guard try take(16) == length ^ 0xFFFF else { throw flaw() }
        for _ in 0..<length { try put(UInt8(try take(8))) }
    }

    private mutating func unpack(_ lengths: Code?, _ distances: Code?) throws(FormatFlaw) {
        guard let lengths, let distances else { throw flaw() }
        while true {
            let symbol = try next(lengths)
            if symbol < 256 {
                try put(UInt8(symbol))
                continue
            }
            if symbol == 256 { return }
            guard symbol < 286 else { throw flaw() }
            let (lengthBase, lengthBits) = Inflation.lengthRows[symbol - 257]
            let length = lengthBase + (try take(lengthBits))
            let code = try next(distances)
            guard code < 30 else { throw flaw() }
            let (distanceBase, distanceBits) = Inflation.distanceRows[code]
            let distance = distanceBase + (try take(distanceBits))
            guard distance <= output.count else { throw flaw() }
            for _ in 0..<length { try put(output[output.count - distance]) }
        }
    }

    private mutating func put(_ byte: UInt8) throws(FormatFlaw) {
        guard done + output.count < size else { throw flaw() }
        output.append(byte)
        if output.count == 2 * Inflation.window { flush(keeping: Inflation.window) }
    }

    /// Proves what is not needed any more as the source of a copy, and all of it at the end.
    private mutating func flush(keeping kept: Int) {
        let count = output.count - kept
        output.withUnsafeBytes { bytes in
            sum.update(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
        }
        if head.count < headSize { head += output.prefix(min(count, headSize - head.count)) }
        done += count
        output.removeFirst(count)
    }

    // MARK: Codes

    private mutating func readCodes() throws(FormatFlaw) -> (Code?, Code?) {
        let (literals, distances) = (try take(5) + 257, try take(5) + 1)
        var widths = [UInt8](repeating: 0, count: 19)
        for place in Inflation.widthOrder.prefix(try take(4) + 4) {
            widths[place] = UInt8(try take(3))
        }
        guard let code = Code(widths) else { throw flaw() }
        var all: [UInt8] = []
        while all.count < literals + distances {
            switch try next(code) {
            case let width where width < 16: all.append(UInt8(width))
            case 16:
                guard let last = all.last else { throw flaw() }
                all += Array(repeating: last, count: try take(2) + 3)
            case 17: all += Array(repeating: 0, count: try take(3) + 3)
            default: all += Array(repeating: 0, count: try take(7) + 11)
            }
        }
        guard all.count == literals + distances else { throw flaw() }
        return (Code(Array(all[..<literals])), Code(Array(all[literals...])))
    }

    private mutating func next(_ code: Code) throws(FormatFlaw) -> Int {
        while bitCount < 15, place < input.count || !rest.isEmpty { try fill() }
        let entry = code.table[Int(bits & UInt64(Code.size - 1))]
        let width = Int(entry & 15)
        guard width > 0, width <= bitCount else { throw flaw() }
        bits >>= UInt64(width)
        bitCount -= width
        return Int(entry >> 4)
    }

    private mutating func take(_ count: Int) throws(FormatFlaw) -> Int {
        while bitCount < count { try fill() }
        defer {
            bits >>= UInt64(count)
            bitCount -= count
        }
        return Int(bits & (1 << UInt64(count) - 1))
    }

    /// One more byte of the record.
    private mutating func fill() throws(FormatFlaw) {
        if place == input.count { try refill() }
        bits |= UInt64(input[place]) << UInt64(bitCount)
        place += 1
        bitCount += 8
    }

    private mutating func refill() throws(FormatFlaw) {
        let count = min(1 << 16, rest.count)
        guard count > 0 else { throw flaw() }
        input = try file.bytes(count, at: rest.lowerBound).bytes
        rest = (rest.lowerBound + count)..<rest.upperBound
        place = 0
    }

    /// A canonical Huffman code as a table: for each next 15 bits the symbol and, in the low four
    /// bits, how many of them it takes; 0 where no symbol begins so.
    private struct Code {
        static let size = 1 << 15
        private(set) var table = [UInt16](repeating: 0, count: size)

        /// Nil when more symbols are said to be short than can be.
        init?(_ widths: [UInt8]) {
            var next = 0
            for width in 1...15 {
                next <<= 1
                for symbol in widths.indices where widths[symbol] == width {
                    guard next < 1 << width else { return nil }
                    // Codes come most significant bit first, all else least significant first.
                    let start = (0..<width).reduce(0) { $0 << 1 | next >> $1 & 1 }
                    for place in stride(from: start, to: Code.size, by: 1 << width) {
                        table[place] = UInt16(symbol << 4 | width)
                    }
                    next += 1
                }
            }
        }
    }

    private static let fixedLengths = Code(
        (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 })
    private static let fixedDistances = Code(Array(repeating: 5, count: 30))
    private static let widthOrder = [
        16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
    ]

    /// What a length or distance symbol stands for: its least value, and how many bits follow.
    private static let lengthRows: [(Int, Int)] =
        rows(first: 3, plain: 8, group: 4, count: 28) + [(258, 0)]
    private static let distanceRows: [(Int, Int)] = rows(first: 1, plain: 4, group: 2, count: 30)

    private static func rows(
        first: Int, plain: Int, group: Int, count: Int
    ) -> [(Int, Int)] {
        var next = first
        return (0..<count).map { place in
            let bits = place < plain ? 0 : (place - plain) / group + 1
            defer { next += 1 << bits }
            return (next, bits)
        }
    }
}
