import Processes

/// What a machine writes to its serial console, in a file.
struct Console: Sendable {
    let path: String

    /// Appends a line of the machine's system.
    func write(_ line: String) {
        guard let file = try? OpenFile(path, .append) else { return }
        try? file.write(Array((line + "\n").utf8))
    }

    /// All that was written so far; empty when the machine never booted.
    func contents() -> [UInt8] {
        ((try? FileSystem.read(path, limit: 64 << 20)) ?? nil) ?? []
    }
}
