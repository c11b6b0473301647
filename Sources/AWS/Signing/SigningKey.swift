import Crypto
import Synchronization
import Training

/// What a signature is good for: one day, region and service.
struct SigningScope: Hashable, Sendable {
    /// `20261121`.
    var day: String
    var region: String
    var service: String

    var text: String { "\(day)/\(region)/\(service)/aws4_request" }
}

/// The key that a secret gives in a scope; four HMACs, so worth keeping.
struct SigningKey: Sendable {
    private let key: SymmetricKey

    init(secret: String, scope: SigningScope) {
        var key = SymmetricKey(data: Array("AWS4\(secret)".utf8))
        for part in [scope.day, scope.region, scope.service, "aws4_request"] {
            let code = HMAC<SHA256>.authenticationCode(for: Array(part.utf8), using: key)
            key = SymmetricKey(data: code)
        }
        self.key = key
    }

    /// The signature of `text` in lower-case hexadecimal.
    func sign(_ text: String) -> String {
        Hexadecimal.text(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key))
    }
}

/// The keys in use: one per region and service, as long as day and secret stay the same.
final class SigningKeyCache: Sendable {
    private struct Entry {
        var scope: SigningScope
        var secret: String
        var key: SigningKey
    }

    /// Regions times services of one program; more only costs time.
    private static let greatestCount = 64

    private let entries = Mutex<[Entry]>([])

    func key(secret: String, scope: SigningScope) -> SigningKey {
        entries.withLock { entries in
            if let entry = entries.first(where: { $0.scope == scope && $0.secret == secret }) {
                return entry.key
            }
            let key = SigningKey(secret: secret, scope: scope)
            entries.removeAll {
                $0.scope.region == scope.region && $0.scope.service == scope.service
                    && $0.secret == secret
            }
            if entries.count >= SigningKeyCache.greatestCount { entries.removeFirst() }
            entries.append(Entry(scope: scope, secret: secret, key: key))
            return key
        }
    }
}

/// Bytes as lower-case digits.
enum Hexadecimal {
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var output: [UInt8] = []
        output.reserveCapacity(64)
        for byte in bytes {
            output.append(digits[Int(byte >> 4)])
            output.append(digits[Int(byte & 15)])
        }
        return String(decoding: output, as: UTF8.self)
    }
}
