package import Crypto

/// A SHA-256 digest, written as 64 lower-case hexadecimal digits.
package struct Digest: Hashable, Comparable, Sendable, Codable {
    package let hex: String

    /// The digest of `bytes`.
    package init(of bytes: some Sequence<UInt8>) {
        var hasher = SHA256()
        hasher.update(data: Array(bytes))
        self.init(finishing: hasher)
    }

    /// The digest of the UTF-8 form of `text`.
    package init(of text: String) {
        self.init(of: Array(text.utf8))
    }

    /// A digest read from its 64 hexadecimal digits; nil for anything else.
    package init?(hex: String) {
        guard hex.utf8.count == 64, hex.utf8.allSatisfy(Digest.isLowerHex) else { return nil }
        self.hex = hex
    }

    /// The digest of all that was fed to `hasher`.
    package init(finishing hasher: SHA256) {
        hex = hasher.finalize().withUnsafeBytes { bytes in
            String(unsafeUninitializedCapacity: 2 * bytes.count) { digits in
                for (place, byte) in bytes.enumerated() {
                    digits.initializeElement(at: 2 * place, to: Digest.digit(byte >> 4))
                    digits.initializeElement(at: 2 * place + 1, to: Digest.digit(byte & 15))
                }
                return 2 * bytes.count
            }
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 48 + value : 87 + value }

    /// The 32 bytes themselves.
    package var bytes: [UInt8] {
        let digits = Array(hex.utf8).map { $0 < 97 ? $0 - 48 : $0 - 87 }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    package static func < (a: Digest, b: Digest) -> Bool { a.hex < b.hex }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = Digest(hex: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not a SHA-256 digest in lower-case hex")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(hex)
    }

    private static func isLowerHex(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (97...102).contains(byte)
    }
}

extension Digest: CustomStringConvertible {
    package var description: String { hex }
}

/// Digests bytes that come in pieces, such as a file too large for memory.
package struct DigestStream: Sendable {
    private var hasher = SHA256()

    package init() {}

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        hasher.update(bufferPointer: bytes)
    }

    package func finish() -> Digest {
        Digest(finishing: hasher)
    }
}
