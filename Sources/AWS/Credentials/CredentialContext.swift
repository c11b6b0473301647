import Training
import Transport

/// What the places of credentials work with.
struct CredentialContext: Sendable {
    var configuration: SharedConfiguration
    var http: HTTPClient
    var clock: any WallClock
    var metadata: MetadataClient
    var runner: (any CommandRunner)?

    /// STS in the configured region, asked by `credentials`; nil for calls that are not signed.
    func sts(_ credentials: AWSCredentials?) throws(CredentialFailure) -> STS {
        let endpoints: Endpoints
        do throws(ConfigurationFailure) {
            endpoints = try Endpoints(configuration)
        } catch {
            throw CredentialFailure(error.description)
        }
        let client = AWSClient(
            http: http, credentials: FixedCredentials(credentials), endpoints: endpoints,
            clock: clock)
        return STS(client, region: configuration.region ?? "us-east-1")
    }
}

/// Runs the program of a `credential_process`, for whoever may start processes.
package protocol CommandRunner: Sendable {
    /// What the program wrote to its standard output.
    ///
    /// Throws when it cannot be started, fails, writes more than `limit` bytes or takes longer than
    /// `span`: then it is killed. The failure holds nothing that it wrote.
    func output(
        of arguments: [String], environment: [String: String], within span: Duration, limit: Int
    ) async throws(CredentialFailure) -> [UInt8]
}

/// Credentials that are given and never renewed.
package struct FixedCredentials: CredentialSource {
    private let fixed: AWSCredentials?

    package init(_ credentials: AWSCredentials?) {
        fixed = credentials
    }

    package func credentials() async throws(CredentialFailure) -> AWSCredentials {
        guard let fixed else { throw CredentialFailure("this call has no credentials") }
        return fixed
    }

    package func invalidate() async {}
}
