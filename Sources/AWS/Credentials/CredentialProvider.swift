import Training

/// One place where credentials may be.
protocol CredentialProvider: Sendable {
    /// For people: it stands in errors.
    var name: String { get }
    /// Throws when the place is configured and yet gives nothing usable: no other is tried then.
    func load(_ context: CredentialContext) async throws(CredentialFailure) -> CredentialFinding
}

/// What one place answered.
enum CredentialFinding: Sendable {
    case found(FoundCredentials)
    /// Nothing is configured here; `mayPass` where the place only does not answer now.
    case absent(String, mayPass: Bool = false)

    static func found(_ credentials: AWSCredentials, in place: String) -> CredentialFinding {
        .found(FoundCredentials(credentials: credentials, place: place))
    }
}

/// Credentials with their origin.
package struct FoundCredentials: Hashable, Sendable {
    package var credentials: AWSCredentials
    /// For people, such as `the environment`.
    package var place: String
    /// A role of this machine, whose service may fall behind: they are used beyond their end rather
    /// than not at all.
    package var mayOutliveExpiration: Bool

    package init(
        credentials: AWSCredentials, place: String, mayOutliveExpiration: Bool = false
    ) {
        self.credentials = credentials
        self.place = place
        self.mayOutliveExpiration = mayOutliveExpiration
    }
}

/// The JSON form of credentials that containers, instances and processes give.
struct CredentialDocument: Decodable {
    /// Of a process; 1 is the only one.
    var version: Int?
    /// Of the instance metadata: `Success`, or what is wrong with the role.
    var code: String?
    var accessKeyID: String?
    var secretAccessKey: String?
    /// Of containers and instances.
    var token: String?
    /// Of processes.
    var sessionToken: String?
    var expiration: String?

    private enum CodingKeys: String, CodingKey {
        case version = "Version"
        case code = "Code"
        case accessKeyID = "AccessKeyId"
        case secretAccessKey = "SecretAccessKey"
        case token = "Token"
        case sessionToken = "SessionToken"
        case expiration = "Expiration"
    }

    static func decode(_ bytes: [UInt8]) throws(CredentialFailure) -> CredentialDocument {
        do throws(CanonicalJSON.Failure) {
            return try CanonicalJSON.decode(CredentialDocument.self, from: bytes)
        } catch {
            throw CredentialFailure("the answer cannot be read: \(error)")
        }
    }

    func credentials() throws(CredentialFailure) -> AWSCredentials {
        guard let accessKeyID, let secretAccessKey, !accessKeyID.isEmpty, !secretAccessKey.isEmpty
        else { throw CredentialFailure("the answer lacks AccessKeyId or SecretAccessKey") }
        var end: Timestamp?
        if let expiration {
            end = Timestamp(expiration)
            if end == nil { throw CredentialFailure("the answer's Expiration is not a time") }
        }
        return AWSCredentials(
            accessKeyID: accessKeyID, secretAccessKey: secretAccessKey,
            sessionToken: token ?? sessionToken, expiration: end)
    }
}
