package import Training
package import Transport

/// The places where AWS's tools look for credentials, in botocore's order.
///
/// The shared files are read anew at each load, so that changed keys are seen.
package struct CredentialChain: Sendable {
    private let environment: [String: String]
    private let profile: String?
    private let http: HTTPClient
    private let clock: any WallClock
    private let runner: (any CommandRunner)?
    private let metadata: MetadataClient

    /// With a `profile` that the user named, as by a flag, the environment's keys do not count.
    ///
    /// Without a `runner`, a `credential_process` is refused.
    package init(
        environment: [String: String], profile: String? = nil, http: HTTPClient,
        clock: any WallClock, runner: (any CommandRunner)? = nil
    ) {
        self.environment = environment
        self.profile = profile
        self.http = http
        self.clock = clock
        self.runner = runner
        // botocore too gives the metadata one second and one try: most machines have none.
        metadata = MetadataClient(
            environment: environment, http: http, tries: 2, timeout: .seconds(1))
    }

    /// The first credentials that there are; a failure names every place and why it gave none.
    package func load() async throws(CredentialFailure) -> FoundCredentials {
        let configuration: SharedConfiguration
        do throws(ConfigurationFailure) {
            configuration = try SharedConfiguration(environment: environment, profile: profile)
        } catch {
            throw CredentialFailure(error.description)
        }
        let context = CredentialContext(
            configuration: configuration, http: http, clock: clock, metadata: metadata,
            runner: runner)
        var reasons: [String] = []
        var mayPass = false
        for provider in providers(configuration) {
            switch try await provider.load(context) {
            case .found(let found): return found
            case .absent(let why, let passes):
                reasons.append("\n  \(provider.name): \(why)")
                mayPass = mayPass || passes
            }
        }
        throw CredentialFailure(
            "no AWS credentials were found:\(reasons.joined())\nSet AWS_PROFILE, run `aws "
                + "configure`, or give this machine an instance profile.", isTransient: mayPass)
    }

    private func providers(_ configuration: SharedConfiguration) -> [any CredentialProvider] {
        let name = configuration.profileName
        let isExplicit = configuration.isProfileExplicit
        let first: [any CredentialProvider] = isExplicit ? [] : [EnvironmentProvider()]
        return first + [AssumeRoleProvider(profile: name)]
            + CredentialChain.profileProviders(name, readsEnvironment: !isExplicit)
            + [ContainerProvider(), InstanceRoleProvider()]
    }

    /// The places that belong to one profile, also where another assumes a role from it.
    static func profileProviders(
        _ profile: String, readsEnvironment: Bool
    ) -> [any CredentialProvider] {
        [
            WebIdentityProvider(profile: profile, readsEnvironment: readsEnvironment),
            SSOProvider(profile: profile),
            StaticProvider(source: .credentialsFile, profile: profile),
            ProcessProvider(profile: profile),
            StaticProvider(source: .configFile, profile: profile),
        ]
    }
}

extension CredentialChain: CustomStringConvertible, CustomReflectable {
    package var description: String { "credentials of \(profile ?? "this environment")" }
    /// Keeps `dump` and test reports from walking into the environment's secrets.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
