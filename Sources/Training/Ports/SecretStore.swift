/// Where the values of secrets are: SSM Parameter Store; the embedded provider has none.
package protocol SecretStore: Sendable {
    /// A secret's value as it is now, decrypted.
    func value(of secret: SecretReference) async throws(SecretFailure) -> String
}

/// Why a secret has no value.
///
/// Never holds one.
package enum SecretFailure: Error, Hashable, Sendable {
    /// There is nothing by this name; a person must act.
    case missing(String)
    /// Not allowed; the text says what to grant.
    case denied(String)
    /// No definite answer.
    case unavailable(String)
}

extension SecretFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .missing(let detail), .denied(let detail): detail
        case .unavailable(let detail): "secrets are unavailable: \(detail)"
        }
    }
}
