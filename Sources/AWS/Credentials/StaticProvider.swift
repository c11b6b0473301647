/// Keys that stand in one of the two shared files, in a profile's own section.
struct StaticProvider: CredentialProvider {
    enum Source: Sendable {
        case credentialsFile
        case configFile
    }

    let source: Source
    let profile: String

    var name: String {
        switch source {
        case .credentialsFile: "shared credentials file"
        case .configFile: "config file"
        }
    }

    func load(_ context: CredentialContext) throws(CredentialFailure) -> CredentialFinding {
        let configuration = context.configuration
        let (path, settings) =
            switch source {
            case .credentialsFile:
                (
                    configuration.credentialsFile.path,
                    configuration.credentialsFile.sections[profile]?.settings
                )
            case .configFile:
                (configuration.configFile.path, configuration.configProfiles[profile])
            }
        guard let settings else { return .absent("\(path) has no profile \(profile)") }
        guard let id = settings["aws_access_key_id"] else {
            return .absent("profile \(profile) in \(path) has no aws_access_key_id")
        }
        guard let secret = settings.value("aws_secret_access_key"), !id.text.isEmpty else {
            throw CredentialFailure(
                "\(path):\(id.line): profile \(profile) needs both aws_access_key_id and "
                    + "aws_secret_access_key")
        }
        let token =
            settings.value("aws_security_token") ?? settings.value("aws_session_token")
        return .found(
            AWSCredentials(accessKeyID: id.text, secretAccessKey: secret, sessionToken: token),
            in: "\(path):\(id.line)")
    }
}
