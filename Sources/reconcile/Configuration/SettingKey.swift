/// What can be set besides on the command line: by `HOLDFAST_*`, then by `holdfast.yaml`.
enum SettingKey: String, CaseIterable, Sendable {
    case repo
    case ref
    case path
    case provider
    case state
    case agent
    case interval
    case logFormat = "log_format"
    case listen
    case prices

    /// `HOLDFAST_LOG_FORMAT` for `log_format`.
    var variable: String { "HOLDFAST_" + rawValue.uppercased() }

    /// `--log-format` for `log_format`.
    var flag: String { "--" + String(rawValue.map { $0 == "_" ? "-" : $0 }) }

    /// Decides where code runs, or where credentials go: never taken from a file that whoever can
    /// commit could write.
    var isOperatorOnly: Bool {
        switch self {
        case .repo, .provider, .state, .agent, .listen: true
        case .ref, .path, .interval, .logFormat, .prices: false
        }
    }
}

/// Where a setting came from, for error messages.
enum SettingOrigin: Hashable, Sendable {
    case flag
    case variable
    case file(String)

    func name(of key: SettingKey) -> String {
        switch self {
        case .flag: key.flag
        case .variable: key.variable
        case .file(let place): "\(place): \(key.rawValue)"
        }
    }
}

/// One setting as a person wrote it.
struct Setting: Hashable, Sendable {
    var text: String
    var origin: SettingOrigin
}
