/// Profiles that a person signs in to; they are refused with the way around.
///
/// Signing in needs a browser, and a session that ends stops a program that runs for months.
struct SSOProvider: CredentialProvider {
    let profile: String
    let name = "SSO"

    func load(_ context: CredentialContext) throws(CredentialFailure) -> CredentialFinding {
        let settings = context.configuration.profiles[profile] ?? [:]
        let names = ["sso_account_id", "sso_role_name", "login_session"]
        guard let setting = names.compactMap({ settings[$0] }).first else {
            return .absent("profile \(profile) has no sso_account_id")
        }
        throw CredentialFailure(
            "\(setting.path):\(setting.line): profile \(profile) signs in through a browser, which "
                + "is not supported. Sign in with the AWS CLI and let it hand the credentials on, "
                + "by a second profile with\n  credential_process = "
                + "aws configure export-credentials --profile \(profile) --format process")
    }
}
