/// What proves to a server who asks.
///
/// Its description never shows the secret.
package enum HTTPCredential: Hashable, Sendable {
    case basic(username: String, password: String)
    case bearer(token: String)

    /// The value of the `Authorization` header.
    var headerValue: String {
        switch self {
        case .basic(let username, let password):
            "Basic " + HTTPCredential.encoded(username, password)
        case .bearer(let token): "Bearer " + token
        }
    }

    /// Every text that must appear in no error: the secrets themselves and as they are sent.
    var secrets: [String] {
        switch self {
        case .basic(let username, let password):
            // A token is often given as the user name, with an empty password.
            [
                HTTPCredential.encoded(username, password),
                password.isEmpty ? username : password,
            ].filter { !$0.isEmpty }
        case .bearer(let token): [token].filter { !$0.isEmpty }
        }
    }

    private static func encoded(_ username: String, _ password: String) -> String {
        Base64.encode(Array("\(username):\(password)".utf8))
    }
}

extension HTTPCredential: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String {
        switch self {
        case .basic: "basic (secret)"
        case .bearer: "bearer (secret)"
        }
    }

    package var debugDescription: String { description }
}

extension HTTPCredential: CustomReflectable {
    /// Keeps `dump` and test reports from walking into the secret.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
