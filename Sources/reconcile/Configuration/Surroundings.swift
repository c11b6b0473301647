import Glibc

/// What one invocation inherits from where it was started, as values.
struct Surroundings: Sendable {
    var environment: [String: String]
    /// Absolute, without a slash at its end.
    var directory: String
    /// Absolute path of this program.
    var executable: String
    var terminal: Terminal

    init(
        environment: [String: String], directory: String, executable: String,
        terminal: Terminal = .none
    ) {
        self.environment = environment
        self.directory = directory
        self.executable = executable
        self.terminal = terminal
    }

    /// Those of this process.
    static func current() -> Surroundings {
        let environment = currentEnvironment()
        return Surroundings(
            environment: environment, directory: currentDirectory(),
            executable: link("/proc/self/exe") ?? "/usr/bin/reconcile",
            terminal: Terminal.current(environment: environment))
    }

    /// A path as the person wrote it, made absolute: `~` is the home folder.
    func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        if path == "~" || path.hasPrefix("~/"), let home = environment["HOME"] {
            return home + path.dropFirst()
        }
        var parts = directory.split(separator: "/")
        for part in path.split(separator: "/") {
            switch part {
            case ".": continue
            case "..": parts = parts.dropLast()
            default: parts.append(part)
            }
        }
        return "/" + parts.joined(separator: "/")
    }

    private static func currentEnvironment() -> [String: String] {
        var result: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            if let equals = text.firstIndex(of: "=") {
                result[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            next += 1
        }
        return result
    }

    private static func currentDirectory() -> String {
        guard let path = getcwd(nil, 0) else { return "/" }
        defer { free(path) }
        return String(cString: path)
    }

    private static func link(_ path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { text in
                text.baseAddress.map { readlink(path, $0, text.count) } ?? -1
            }
        }
        guard count > 0 else { return nil }
        return String(decoding: buffer.prefix(count), as: UTF8.self)
    }
}
