import Manifests
import Training

/// `holdfast.yaml` in the current folder: flat, the keys of `SettingKey`.
///
/// Inside a Git work tree only harmless keys are taken: whoever can commit could write the file,
/// and neither what runs nor where credentials go is theirs to choose.
enum ConfigurationFile {
    static let name = "holdfast.yaml"

    /// The settings of the file at `path`; none when it does not exist.
    static func read(
        at path: String, isInWorkTree: Bool
    ) throws(CommandFailure) -> [SettingKey: Setting] {
        guard let bytes = try LocalText.read(path, limit: 64 << 10) else { return [:] }
        return try settings(in: bytes, file: name, isInWorkTree: isInWorkTree)
    }

    /// Every fault of the file at once.
    static func settings(
        in bytes: [UInt8], file: String, isInWorkTree: Bool
    ) throws(CommandFailure) -> [SettingKey: Setting] {
        let read = FlatDocument.read(
            bytes, file: file, keys: SettingKey.allCases.map(\.rawValue))
        var faults = read.diagnostics
        var result: [SettingKey: Setting] = [:]
        for entry in read.entries {
            guard let key = SettingKey(rawValue: entry.key) else { continue }
            if isInWorkTree && key.isOperatorOnly {
                faults.append(
                    Diagnostic(
                        at: entry.location,
                        "\(key.rawValue) is not taken from a file in a Git work tree, since a "
                            + "commit could change it; use \(key.flag) or \(key.variable)"))
                continue
            }
            result[key] = Setting(text: entry.text, origin: .file("\(entry.location)"))
        }
        guard faults.isEmpty else {
            throw CommandFailure(
                "\(file) is not valid\n"
                    + faults.map(\.description).joined(separator: "\n"))
        }
        return result
    }
}
