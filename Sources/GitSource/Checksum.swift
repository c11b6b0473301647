/// CRC-32 as gzip uses it (RFC 1952, section 8).
struct Checksum {
    private(set) var value: UInt32 = 0

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in
            value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1
        }
    }

    mutating func add(_ bytes: ArraySlice<UInt8>) {
        value = Checksum.table.withUnsafeBufferPointer { table in
            ~bytes.reduce(~value) { value, byte in
                table[Int(UInt8(truncatingIfNeeded: value) ^ byte)] ^ (value >> 8)
            }
        }
    }
}
