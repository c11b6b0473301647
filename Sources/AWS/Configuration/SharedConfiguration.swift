package import Transport

/// What the environment and the two shared files say, as the AWS CLI reads them: one profile, its
/// region and its endpoints.
///
/// Files are read once, here. The environment is a value; nothing asks the process for its own.
package struct SharedConfiguration: Sendable {
    let environment: [String: String]
    /// The chosen profile.
    package let profileName: String
    /// Chosen by the caller, as by a flag: then it goes before the environment's credentials.
    let isProfileExplicit: Bool
    let configFile: SharedFile
    let credentialsFile: SharedFile
    /// Of both files; a setting of the credentials file goes before the same one of the other.
    let profiles: [String: Profile]
    /// Of the config file alone.
    let configProfiles: [String: Profile]
    private let services: [String: Profile]

    /// Settings by name in lower case.
    typealias Profile = [String: SharedFile.Setting]

    /// Reads the files that `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE` name, or those in
    /// `~/.aws`; one that is absent is empty.
    ///
    /// `profile` goes before `AWS_PROFILE` and `AWS_DEFAULT_PROFILE`. Throws for a file that cannot
    /// be read and for a named profile that no file has.
    package init(
        environment: [String: String], profile: String? = nil
    ) throws(ConfigurationFailure) {
        self.environment = environment
        let home = environment["HOME"]
        let variable = { (name: String) in environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        configFile = try SharedConfiguration.file(
            variable("AWS_CONFIG_FILE") ?? "~/.aws/config", home: home)
        credentialsFile = try SharedConfiguration.file(
            variable("AWS_SHARED_CREDENTIALS_FILE") ?? "~/.aws/credentials", home: home)

        var profiles = SharedConfiguration.named("profile", in: configFile)
        profiles["default"] = configFile.sections["default"]?.settings ?? profiles["default"]
        configProfiles = profiles
        for (name, section) in credentialsFile.sections {
            profiles[name, default: [:]].merge(section.settings) { $1 }
        }
        self.profiles = profiles
        services = SharedConfiguration.named("services", in: configFile)

        let wanted = profile ?? variable("AWS_PROFILE") ?? variable("AWS_DEFAULT_PROFILE")
        profileName = wanted ?? "default"
        isProfileExplicit = profile != nil
        if let wanted, profiles[wanted] == nil { throw unknownProfile(wanted) }
    }

    /// The profile's settings; none where there are no files.
    var profile: Profile { profiles[profileName] ?? [:] }

    /// `AWS_REGION`, then `AWS_DEFAULT_REGION`, then the profile's.
    package var region: String? {
        variable("AWS_REGION") ?? variable("AWS_DEFAULT_REGION") ?? profile.value("region")
    }

    /// `AWS_USE_FIPS_ENDPOINT` or the profile's: servers whose cryptography is certified.
    var usesFIPS: Bool { isOn("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint") }

    /// `AWS_USE_DUALSTACK_ENDPOINT` or the profile's: servers that are reached by IPv6, too.
    var usesDualStack: Bool { isOn("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint") }

    /// As botocore reads it: what is not `true` is off.
    private func isOn(_ variable: String, _ setting: String) -> Bool {
        (self.variable(variable) ?? profile.value(setting))?.lowercased() == "true"
    }

    /// Whom to trust: `AWS_CA_BUNDLE`, then the profile's `ca_bundle`, then what this system does.
    package var trust: TrustAnchors {
        guard let bundle = variable("AWS_CA_BUNDLE") ?? profile.value("ca_bundle") else {
            return .environment
        }
        return TrustAnchors(file: bundle, directory: nil)
    }

    /// An environment variable that is set and not empty.
    func variable(_ name: String) -> String? {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The URL that a person configured for a service, and where; the order is the AWS CLI's.
    func endpoint(
        for service: AWSService
    ) throws(ConfigurationFailure) -> (url: String, place: String)? {
        let name = service.settingName
        let ignored =
            variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
            ?? profile.value("ignore_configured_endpoint_urls")
        if ignored?.lowercased() == "true" { return nil }
        for key in ["AWS_ENDPOINT_URL_\(name.uppercased())", "AWS_ENDPOINT_URL"] {
            if let url = variable(key) { return (url, key) }
        }
        if let section = profile["services"] {
            guard let settings = services[section.text] else {
                throw ConfigurationFailure(
                    section.path, line: section.line,
                    "there is no [services \(section.text)] in \(configFile.path)")
            }
            if let setting = settings[name], let url = setting.nested["endpoint_url"] {
                return (url, "\(setting.path):\(setting.line)")
            }
        }
        guard let setting = profile["endpoint_url"], !setting.text.isEmpty else { return nil }
        return (setting.text, "\(setting.path):\(setting.line)")
    }

    /// What to say when a profile is in neither file.
    func unknownProfile(_ name: String) -> ConfigurationFailure {
        let known = profiles.keys.sorted()
        let list = known.prefix(10).joined(separator: ", ") + (known.count > 10 ? ", …" : "")
        return ConfigurationFailure(
            "profile \(name) is neither in \(configFile.path) nor in \(credentialsFile.path)"
                + (known.isEmpty ? "" : "; they have \(list)"))
    }

    private static func file(
        _ path: String, home: String?
    ) throws(ConfigurationFailure) -> SharedFile {
        guard path.hasPrefix("~/") else { return try SharedFile(path: path) }
        // Without a home directory there is nowhere to look.
        guard let home else { return try SharedFile(path: path, bytes: []) }
        return try SharedFile(path: home + path.dropFirst())
    }

    /// The sections `[kind name]`, whose name may be quoted.
    private static func named(_ kind: String, in file: SharedFile) -> [String: Profile] {
        var found: [String: Profile] = [:]
        for (title, section) in file.sections {
            guard let words = try? ShellWords.split(title), words.count == 2, words[0] == kind
            else { continue }
            found[words[1]] = section.settings
        }
        return found
    }
}

extension SharedConfiguration.Profile {
    /// A setting's value, where it is there and not empty.
    func value(_ name: String) -> String? {
        self[name].flatMap { $0.text.isEmpty ? nil : $0.text }
    }
}

extension SharedConfiguration: CustomStringConvertible, CustomReflectable {
    package var description: String { "profile \(profileName)" }
    /// Keeps `dump` and test reports from walking into secrets.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
