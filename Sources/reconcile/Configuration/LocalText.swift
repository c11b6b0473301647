import Glibc

/// Small files of the person at the keyboard.
enum LocalText {
    /// The bytes of a file; nil when it does not exist.
    static func read(_ path: String, limit: Int) throws(CommandFailure) -> [UInt8]? {
        let bytes = try read(path, upTo: limit + 1)
        if let bytes, bytes.count > limit {
            throw CommandFailure("\(path) is larger than \(limit) bytes")
        }
        return bytes
    }

    /// The first bytes of a file; nil when it does not exist.
    static func read(_ path: String, upTo limit: Int) throws(CommandFailure) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw failure(path)
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count < limit {
            let wanted = min(buffer.count, limit - bytes.count)
            let count = buffer.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress, wanted)
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failure(path) }
            if count == 0 { break }
            bytes += buffer.prefix(count)
        }
        return bytes
    }

    /// Writes a new file whole, or none: over an older one by rename.
    static func write(_ bytes: [UInt8], to path: String) throws(CommandFailure) {
        let partial = path + ".partial"
        let descriptor = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure(path) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        let isWritten = rest.isEmpty && fsync(descriptor) == 0
        close(descriptor)
        guard isWritten, rename(partial, path) == 0 else {
            let failure = failure(path)
            unlink(partial)
            throw failure
        }
    }

    /// As `write`, making the folders above the file first.
    static func write(
        _ bytes: [UInt8], creatingFoldersTo path: String
    ) throws(CommandFailure) {
        var folder = ""
        for part in path.split(separator: "/").dropLast() {
            folder += "/\(part)"
            if mkdir(folder, 0o755) != 0, errno != EEXIST { throw failure(folder) }
        }
        try write(bytes, to: path)
    }

    private static func failure(_ path: String) -> CommandFailure {
        CommandFailure("\(path): \(String(cString: strerror(errno)))")
    }
}
