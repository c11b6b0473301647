/// All settings of one invocation, the nearest one to the person first: flags, then the
/// environment, then `holdfast.yaml`.
struct Settings: Hashable, Sendable {
    private var values: [SettingKey: Setting]

    /// An empty variable counts as not set, as is the custom.
    init(
        flags: [SettingKey: String] = [:], environment: [String: String] = [:],
        file: [SettingKey: Setting] = [:]
    ) {
        values = file
        for key in SettingKey.allCases {
            if let text = environment[key.variable], !text.isEmpty {
                values[key] = Setting(text: text, origin: .variable)
            }
            if let text = flags[key] {
                values[key] = Setting(text: text, origin: .flag)
            }
        }
    }

    subscript(key: SettingKey) -> Setting? { values[key] }

    /// The value in its type, or the default; an error names the place to mend.
    func value<Value>(
        _ key: SettingKey, default fallback: Value, expected: String,
        parse: (String) -> Value?
    ) throws(CommandFailure) -> Value {
        guard let setting = values[key] else { return fallback }
        guard let value = parse(setting.text) else {
            throw CommandFailure(
                "\(setting.origin.name(of: key)): \(expected) is expected, "
                    + "not '\(Plain.line(String(setting.text.prefix(80))))'")
        }
        return value
    }
}
