import Crypto

/// MD5, which S3 still takes as a checksum of bodies.
enum MessageDigest5 {
    static func digest(of bytes: [UInt8]) -> [UInt8] {
        Array(Insecure.MD5.hash(data: bytes))
    }
}
