/// The checksum that zip archives keep of each of their records: CRC-32 of ISO 3309, sixteen bytes
/// at a time.
struct CRC32: Sendable {
    private var state: UInt32 = ~0

    var value: UInt32 { ~state }

    /// Row k tells what a byte does to the state when k more bytes follow it.
    private static let tables: [UInt32] = {
        var tables: [UInt32] = (0..<256).map { byte in
            var state = UInt32(byte)
            for _ in 0..<8 { state = state & 1 == 1 ? 0xEDB8_8320 ^ state >> 1 : state >> 1 }
            return state
        }
        for place in 256..<(16 * 256) {
            let before = tables[place - 256]
            tables.append(tables[Int(before & 255)] ^ (before >> 8))
        }
        return tables
    }()

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        CRC32.tables.withUnsafeBufferPointer { tables in
            @inline(__always)
            func effect(_ row: Int, _ word: UInt64, _ shift: UInt64) -> UInt32 {
                tables[row &<< 8 | Int(truncatingIfNeeded: word &>> shift & 255)]
            }
            var (state, place) = (state, 0)
            while place &+ 16 <= bytes.count {
                let low =
                    bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self).littleEndian
                    ^ UInt64(state)
                let high = bytes.loadUnaligned(fromByteOffset: place &+ 8, as: UInt64.self)
                    .littleEndian
                let first =
                    effect(15, low, 0) ^ effect(14, low, 8) ^ effect(13, low, 16)
                    ^ effect(12, low, 24)
                let second =
                    effect(11, low, 32) ^ effect(10, low, 40) ^ effect(9, low, 48)
                    ^ effect(8, low, 56)
                let third =
                    effect(7, high, 0) ^ effect(6, high, 8) ^ effect(5, high, 16)
                    ^ effect(4, high, 24)
                let fourth =
                    effect(3, high, 32) ^ effect(2, high, 40) ^ effect(1, high, 48)
                    ^ effect(0, high, 56)
                state = first ^ second ^ third ^ fourth
                place &+= 16
            }
            while place < bytes.count {
                state = effect(0, UInt64(state) ^ UInt64(bytes[place]), 0) ^ (state >> 8)
                place &+= 1
            }
            self.state = state
        }
    }
}
