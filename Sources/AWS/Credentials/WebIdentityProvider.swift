import Training

/// A role for whoever holds a token of an identity provider, as in EKS and GitHub Actions.
struct WebIdentityProvider: CredentialProvider {
    let profile: String
    let readsEnvironment: Bool
    let name = "web identity"

    func load(
        _ context: CredentialContext
    ) async throws(CredentialFailure) -> CredentialFinding {
        let settings = context.configuration.profiles[profile] ?? [:]
        func value(_ variable: String, _ setting: String) -> String? {
            let fromEnvironment =
                readsEnvironment ? context.configuration.variable(variable) : nil
            return fromEnvironment ?? settings.value(setting)
        }
        guard let path = value("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file") else {
            return .absent("neither AWS_WEB_IDENTITY_TOKEN_FILE nor web_identity_token_file is set")
        }
        guard let role = value("AWS_ROLE_ARN", "role_arn") else {
            throw CredentialFailure(
                "there is a web identity token but no role: set AWS_ROLE_ARN, or role_arn in "
                    + "profile \(profile)")
        }
        let token: String
        do throws(SmallFile.Failure) {
            // Read anew at each refresh: whoever gave it replaces it before its end.
            token = try SmallFile.text(path, limit: 64 << 10)
        } catch {
            throw CredentialFailure("the web identity token: \(error)")
        }
        let request = RoleRequest(
            arn: role, session: value("AWS_ROLE_SESSION_NAME", "role_session_name"))
        let sts = try context.sts(nil)
        do throws(AWSFailure) {
            let credentials = try await sts.assumeRole(request, webIdentity: token)
            return .found(credentials, in: "\(role) by web identity")
        } catch {
            throw CredentialFailure(
                "cannot assume \(role) by the token in \(path): \(error)",
                isTransient: error.mayPass)
        }
    }
}
