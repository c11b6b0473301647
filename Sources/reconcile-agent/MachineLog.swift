import Processes

/// The one place where the agent writes text for people: its standard error, which is the machine's
/// log.
enum MachineLog {
    static func error(_ text: String) {
        guard let file = try? OpenFile("/proc/self/fd/2", .append) else { return }
        try? file.write(Array("reconcile-agent: \(text)\n".utf8))
    }
}
