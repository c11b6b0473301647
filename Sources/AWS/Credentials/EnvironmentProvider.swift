import Training

/// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`.
struct EnvironmentProvider: CredentialProvider {
    let name = "environment"

    func load(_ context: CredentialContext) throws(CredentialFailure) -> CredentialFinding {
        let configuration = context.configuration
        guard let id = configuration.variable("AWS_ACCESS_KEY_ID") else {
            return .absent("AWS_ACCESS_KEY_ID is not set")
        }
        guard let secret = configuration.variable("AWS_SECRET_ACCESS_KEY") else {
            throw CredentialFailure("AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY")
        }
        var expiration: Timestamp?
        if let text = configuration.variable("AWS_CREDENTIAL_EXPIRATION") {
            expiration = Timestamp(text)
            if expiration == nil {
                throw CredentialFailure("AWS_CREDENTIAL_EXPIRATION is not an RFC 3339 time")
            }
        }
        let token =
            configuration.variable("AWS_SECURITY_TOKEN")
            ?? configuration.variable("AWS_SESSION_TOKEN")
        return .found(
            AWSCredentials(
                accessKeyID: id, secretAccessKey: secret, sessionToken: token,
                expiration: expiration), in: "the environment")
    }
}
