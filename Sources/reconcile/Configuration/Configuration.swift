import ControlServer
import Training

/// All that an invocation was told, in types and with every default.
struct Configuration: Sendable {
    enum Provider: String, Sendable {
        /// This machine: instances are process groups, the store is a folder.
        case local
        /// EC2, with S3 as the store.
        case ec2
    }

    /// Where records and checkpoints are.
    enum State: Hashable, Sendable {
        /// Absolute.
        case folder(String)
        case bucket(S3Location)
    }

    enum LogFormat: String, Sendable {
        case text
        case json
    }

    /// As given; nil: the repository that the person stands in.
    var repository: String?
    var ref: String?
    var path: String
    /// Nil: not chosen, and never guessed.
    var provider: Provider?
    /// Nil: on the embedded provider one folder per repository, see `StatePlace`; on EC2 the
    /// policy's.
    var state: State?
    var agent: String
    /// Between two passes of the continuous loop.
    var interval: Seconds
    var logFormat: LogFormat
    /// Nil: nothing is served.
    var listen: ListenAddress?
    /// The file of prices that go before the published ones; absolute, nil: there is none.
    var prices: String?
    var git: GitCredentials

    static let intervals: ClosedRange<Seconds> = 1...86_400

    init(flags: [SettingKey: String], in surroundings: Surroundings) throws(CommandFailure) {
        let file = try ConfigurationFile.read(
            at: surroundings.absolute(ConfigurationFile.name),
            isInWorkTree: WorkTree.root(above: surroundings.directory) != nil)
        let settings = Settings(
            flags: flags, environment: surroundings.environment, file: file)
        try self.init(settings, in: surroundings)
    }

    init(_ settings: Settings, in surroundings: Surroundings) throws(CommandFailure) {
        repository = settings[.repo]?.text
        ref = settings[.ref]?.text
        path = try settings.value(
            .path, default: "manifests", expected: "a folder of the repository"
        ) { text in
            let parts = text.split(separator: "/")
            return text.hasPrefix("/") || parts.contains("..") ? nil : parts.joined(separator: "/")
        }
        provider = try settings.value(.provider, default: nil, expected: "local or ec2") { text in
            Provider(rawValue: text).map { .some($0) }
        }
        state = try settings.value(
            .state, default: nil, expected: "a folder, or s3://bucket/prefix"
        ) { text in
            guard text.hasPrefix("s3:") else { return .folder(surroundings.absolute(text)) }
            return S3Location(text).map { .bucket($0) }
        }
        agent =
            settings[.agent].map { surroundings.absolute($0.text) }
            ?? Self.beside(surroundings.executable)
        interval = try settings.value(
            .interval, default: 60, expected: "a span from 1s to 1d such as 30s or 5m"
        ) { text in
            SpanText.seconds(text).flatMap { Self.intervals.contains($0) ? $0 : nil }
        }
        logFormat = try settings.value(
            .logFormat, default: .text, expected: "text or json"
        ) { LogFormat(rawValue: $0) }
        listen = try settings.value(
            .listen, default: nil, expected: "a loopback address such as 127.0.0.1:8400"
        ) { ListenAddress($0).map { .some($0) } }
        prices = settings[.prices].map { surroundings.absolute($0.text) }
        git = GitCredentials(environment: surroundings.environment)
    }

    private static func beside(_ executable: String) -> String {
        let folder = executable.split(separator: "/").dropLast()
        return folder.reduce(into: "") { $0 += "/\($1)" } + "/reconcile-agent"
    }

    /// The provider, or what to do to choose one.
    func chosenProvider() throws(CommandFailure) -> Provider {
        guard let provider else {
            throw CommandFailure(
                "no provider is chosen",
                advice: "`--provider ec2` (or HOLDFAST_PROVIDER=ec2) runs the manifests on EC2; "
                    + "`--provider local` on this machine, which executes their code here")
        }
        return provider
    }
}

/// Credentials for HTTP(S) repositories: from the environment only, so that they stand in no
/// process list and no file of ours.
struct GitCredentials: Sendable {
    var username: String?
    var password: String?
    /// A bearer token, or the password of a basic pair.
    var token: String?

    init(environment: [String: String] = [:]) {
        func value(_ name: String) -> String? {
            environment[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        username = value("HOLDFAST_GIT_USERNAME")
        password = value("HOLDFAST_GIT_PASSWORD")
        token = value("HOLDFAST_GIT_TOKEN")
    }
}
