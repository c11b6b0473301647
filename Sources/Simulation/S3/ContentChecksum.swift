import Training

/// The checksums of S3 that the model computes itself.
package struct ContentChecksum: Hashable, Sendable {
    package enum Algorithm: String, Hashable, Sendable, CaseIterable {
        case crc32 = "CRC32"
        case crc32c = "CRC32C"
        case crc64nvme = "CRC64NVME"
        case sha256 = "SHA256"
    }

    package var algorithm: Algorithm
    /// Base64Digits, with `-N` behind it for a composite of N parts.
    package var value: String

    package init(_ algorithm: Algorithm, _ value: String) {
        self.algorithm = algorithm
        self.value = value
    }

    /// The checksum of a whole content.
    package init(_ algorithm: Algorithm, of content: StoredContent) {
        self.init(algorithm, Base64Digits.encode(Self.raw(algorithm, content)))
    }

    /// The checksum over the checksums of parts; nil when a value is not base64.
    static func composite(_ algorithm: Algorithm, of parts: [String]) -> ContentChecksum? {
        var all: [UInt8] = []
        for part in parts {
            guard let bytes = Base64Digits.decode(part) else { return nil }
            all += bytes
        }
        let value = Base64Digits.encode(raw(algorithm, StoredContent(all)))
        return ContentChecksum(algorithm, "\(value)-\(parts.count)")
    }

    private static func raw(_ algorithm: Algorithm, _ content: StoredContent) -> [UInt8] {
        switch algorithm {
        case .sha256: return content.sha256.bytes
        case .crc32: return CyclicCode.crc32.bytes(of: content)
        case .crc32c: return CyclicCode.crc32c.bytes(of: content)
        case .crc64nvme: return CyclicCode.crc64nvme.bytes(of: content)
        }
    }
}

/// A cyclic redundancy code over reflected bits, begun and ended with all ones.
struct CyclicCode: Sendable {
    private let table: [UInt64]
    private let width: Int

    /// Polynomials in reflected form: IEEE 802.3, Castagnoli, and NVM Express 64 bits.
    static let crc32 = CyclicCode(0xEDB8_8320, width: 32)
    static let crc32c = CyclicCode(0x82F6_3B78, width: 32)
    static let crc64nvme = CyclicCode(0x9A6C_9329_AC4B_C9B5, width: 64)

    private init(_ polynomial: UInt64, width: Int) {
        self.width = width
        table = (0..<256).map { byte in
            (0..<8).reduce(UInt64(byte)) { value, _ in
                value & 1 == 1 ? value >> 1 ^ polynomial : value >> 1
            }
        }
    }

    /// The code, most significant byte first.
    func bytes(of content: StoredContent) -> [UInt8] {
        let ones: UInt64 = width == 64 ? .max : 0xFFFF_FFFF
        var value = ones
        table.withUnsafeBufferPointer { table in
            for piece in content.pieces {
                piece.withUnsafeBufferPointer { bytes in
                    for byte in bytes {
                        value = table[Int((value ^ UInt64(byte)) & 0xFF)] ^ value >> 8
                    }
                }
            }
        }
        let code = value ^ ones
        return stride(from: width - 8, through: 0, by: -8).map {
            UInt8(truncatingIfNeeded: code >> UInt64($0))
        }
    }
}

/// Base 64 of RFC 4648, with padding.
enum Base64Digits {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for at in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[at..<min(at + 3, bytes.count)]
            let word = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0..<4 {
                text.append(
                    place <= group.count ? alphabet[word >> (18 - 6 * place) & 63] : 61)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Nil for text that is not base 64.
    static func decode(_ text: String) -> [UInt8]? {
        let digits = text.utf8.filter { $0 != 61 }
        guard text.utf8.count % 4 == 0, text.utf8.count - digits.count <= 2 else { return nil }
        var (word, bits) = (0, 0)
        var bytes: [UInt8] = []
        for digit in digits {
            guard let value = alphabet.firstIndex(of: digit) else { return nil }
            (word, bits) = (word << 6 | value, bits + 6)
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: word >> bits))
                word &= 1 << bits - 1
            }
        }
        return bytes
    }
}
