package import Training

/// What signs a request.
///
/// Its description never shows a secret.
package struct AWSCredentials: Hashable, Sendable {
    package var accessKeyID: String
    package var secretAccessKey: String
    package var sessionToken: String?
    /// Nil: they do not end.
    package var expiration: Timestamp?

    package init(
        accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil,
        expiration: Timestamp? = nil
    ) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
        self.expiration = expiration
    }
}

extension AWSCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "credentials of \(accessKeyID.prefix(4))…" }
    package var debugDescription: String { description }
    /// Keeps `dump` and test reports from walking into the secret.
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Where credentials come from: refreshed before they end, asked before every request.
package protocol CredentialSource: Sendable {
    func credentials() async throws(CredentialFailure) -> AWSCredentials
    /// The service refused the credentials as expired or unknown: the next ask must not give the
    /// same ones from a cache.
    func invalidate() async
}

/// Why there are no credentials, with what a person can do about it.
package struct CredentialFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String
    /// It may pass by itself, as when a metadata service does not answer.
    package let isTransient: Bool

    package init(_ description: String, isTransient: Bool = false) {
        self.description = description
        self.isTransient = isTransient
    }
}
