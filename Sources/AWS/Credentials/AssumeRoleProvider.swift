import Training

/// A profile's `role_arn`, assumed with the credentials of its `source_profile` (which may assume a
/// role itself) or of its `credential_source`.
struct AssumeRoleProvider: CredentialProvider {
    /// Also what a chain of source profiles is cut off at.
    static let greatestDepth = 16

    let profile: String
    let name = "assume role"

    func load(
        _ context: CredentialContext
    ) async throws(CredentialFailure) -> CredentialFinding {
        guard AssumeRoleProvider.assumes(context.configuration.profiles[profile] ?? [:]) else {
            return .absent("profile \(profile) has no role_arn")
        }
        return .found(try await assume(profile, visited: [profile], context))
    }

    private static func assumes(_ settings: SharedConfiguration.Profile) -> Bool {
        settings["role_arn"] != nil && settings["web_identity_token_file"] == nil
    }

    private static func hasKeys(_ settings: SharedConfiguration.Profile) -> Bool {
        settings["aws_access_key_id"] != nil || settings["aws_secret_access_key"] != nil
    }

    private func assume(
        _ profile: String, visited: [String], _ context: CredentialContext
    ) async throws(CredentialFailure) -> FoundCredentials {
        let settings = context.configuration.profiles[profile] ?? [:]
        let request = try AssumeRoleProvider.request(settings, profile)
        let source = try await source(of: profile, settings, visited: visited, context)
        let sts = try context.sts(source.credentials)
        do throws(AWSFailure) {
            let credentials = try await sts.assumeRole(request)
            return FoundCredentials(
                credentials: credentials, place: "\(request.arn) (profile \(profile))")
        } catch {
            throw CredentialFailure(
                "profile \(profile): cannot assume \(request.arn) with \(source.place): \(error)",
                isTransient: error.mayPass)
        }
    }

    private static func request(
        _ settings: SharedConfiguration.Profile, _ profile: String
    ) throws(CredentialFailure) -> RoleRequest {
        if let setting = settings["mfa_serial"] {
            throw CredentialFailure(
                "\(setting.path):\(setting.line): profile \(profile) asks for a code of an MFA "
                    + "device at each renewal, which nobody can give a program; use a role without "
                    + "mfa_serial, or credential_process")
        }
        guard let role = settings["role_arn"], !role.text.isEmpty else {
            throw CredentialFailure("profile \(profile) has an empty role_arn")
        }
        var request = RoleRequest(
            arn: role.text, session: settings.value("role_session_name"),
            externalID: settings.value("external_id"))
        if let setting = settings["duration_seconds"] {
            guard let seconds = Int(setting.text), (900...43_200).contains(seconds) else {
                throw CredentialFailure(
                    "\(setting.path):\(setting.line): duration_seconds must be from 900 to 43200")
            }
            request.duration = Seconds(seconds)
        }
        return request
    }

    private func source(
        of profile: String, _ settings: SharedConfiguration.Profile, visited: [String],
        _ context: CredentialContext
    ) async throws(CredentialFailure) -> FoundCredentials {
        switch (settings["source_profile"], settings["credential_source"]) {
        case (let source?, nil):
            return try await profileSource(of: profile, source, visited: visited, context)
        case (nil, let source?):
            return try await namedSource(source, context)
        case (nil, nil), (_?, _?):
            let role = settings["role_arn"]
            throw CredentialFailure(
                "\(role?.path ?? ""):\(role?.line ?? 0): profile \(profile) needs either "
                    + "source_profile or credential_source beside role_arn")
        }
    }

    private func profileSource(
        of profile: String, _ setting: SharedFile.Setting, visited: [String],
        _ context: CredentialContext
    ) async throws(CredentialFailure) -> FoundCredentials {
        let name = setting.text
        let place = "\(setting.path):\(setting.line)"
        guard let settings = context.configuration.profiles[name] else {
            throw CredentialFailure("\(place): source_profile \(name) does not exist")
        }
        let isLoop =
            visited.contains(name) && !(name == profile && AssumeRoleProvider.hasKeys(settings))
        guard !isLoop, visited.count < AssumeRoleProvider.greatestDepth else {
            let circle = (visited + [name]).joined(separator: " → ")
            throw CredentialFailure("\(place): source_profile leads in a circle: \(circle)")
        }
        if AssumeRoleProvider.assumes(settings) && !AssumeRoleProvider.hasKeys(settings) {
            return try await assume(name, visited: visited + [name], context)
        }
        for provider in CredentialChain.profileProviders(name, readsEnvironment: false) {
            if case .found(let found) = try await provider.load(context) { return found }
        }
        throw CredentialFailure("\(place): source_profile \(name) has no credentials")
    }

    private func namedSource(
        _ setting: SharedFile.Setting, _ context: CredentialContext
    ) async throws(CredentialFailure) -> FoundCredentials {
        let place = "\(setting.path):\(setting.line)"
        let provider: any CredentialProvider
        switch setting.text {
        case "Environment": provider = EnvironmentProvider()
        case "Ec2InstanceMetadata": provider = InstanceRoleProvider()
        case "EcsContainer": provider = ContainerProvider()
        default:
            throw CredentialFailure(
                "\(place): credential_source must be Environment, Ec2InstanceMetadata or "
                    + "EcsContainer")
        }
        switch try await provider.load(context) {
        case .found(let found): return found
        case .absent(let why, let mayPass):
            throw CredentialFailure(
                "\(place): credential_source \(setting.text): \(why)", isTransient: mayPass)
        }
    }
}
