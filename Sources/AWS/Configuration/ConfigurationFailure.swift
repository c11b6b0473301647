/// Why AWS's configuration cannot be used: the file and line or the variable, and what to do.
///
/// Never holds a value of a setting, since it may be a secret.
package struct ConfigurationFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }

    init(_ path: String, line: Int, _ complaint: String) {
        description = "\(path):\(line): \(complaint)"
    }
}
