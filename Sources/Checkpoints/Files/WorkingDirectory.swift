import Glibc
import Training

/// A directory in which the trainer, another user maybe, changes names at any moment.
///
/// Whatever is below it is reached part by part from its own descriptor, and no part may be a
/// symbolic link: no name in it leads out, not even one that is swapped during a call. (What
/// `openat2` does with `RESOLVE_BENEATH`, on every kernel.)
package struct WorkingDirectory: Sendable {
    /// Absolute; whoever may replace the directory itself is trusted.
    package let path: String

    package init(_ path: String) {
        self.path = path
    }

    /// Opens a file to read, given relative to the directory; the caller closes it.
    ///
    /// Throws `ENOTDIR` or `ELOOP` where a symbolic link stands in the way.
    func open(_ relative: String) throws(LocalFiles.Failure) -> Int32 {
        try inFolder(of: relative) { folder, name throws(LocalFiles.Failure) in
            let flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
            return try opened(openat(folder, name, flags), relative)
        }
    }

    /// Nil when there is nothing at the path, or a symbolic link above it.
    package func status(_ relative: String) throws(LocalFiles.Failure) -> LocalFiles.Status? {
        do throws(LocalFiles.Failure) {
            return try inFolder(of: relative) { folder, name throws(LocalFiles.Failure) in
                var status = stat()
                guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
                    throw failure(relative)
                }
                return LocalFiles.Status(status)
            }
        } catch {
            if error.isAbsence { return nil }
            throw error
        }
    }

    /// As `LocalFiles.names`; `""` is the directory itself, and none when there is no such folder.
    func names(in relative: String, limit: Int) throws(LocalFiles.Failure) -> [String?] {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        do throws(LocalFiles.Failure) {
            let folder =
                relative.isEmpty
                ? try opened(Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), relative)
                : try inFolder(of: relative) { folder, name throws(LocalFiles.Failure) in
                    try opened(openat(folder, name, flags), relative)
                }
            return try LocalFiles.names(closing: folder, absolute(relative), limit: limit)
        } catch {
            if error.isAbsence { return [] }
            throw error
        }
    }

    /// Moves what is at an absolute path, on the same file system, to its place; folders above it
    /// are made.
    package func take(_ source: String, as relative: String) throws(LocalFiles.Failure) {
        try inFolder(of: relative, making: true) { folder, name throws(LocalFiles.Failure) in
            guard renameat(AT_FDCWD, source, folder, name) == 0 else { throw failure(relative) }
        }
    }

    /// Moves what is there to an absolute path outside, on the same file system.
    package func yield(_ relative: String, to target: String) throws(LocalFiles.Failure) {
        try inFolder(of: relative) { folder, name throws(LocalFiles.Failure) in
            guard renameat(folder, name, AT_FDCWD, target) == 0 else { throw failure(relative) }
        }
    }

    /// The bytes of a file of at most `limit` bytes; nil when there is none that can be read.
    package func read(_ relative: String, limit: Int) -> [UInt8]? {
        guard let file = try? open(relative) else { return nil }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            status.st_size <= limit
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeMutableBytes {
                pread(file, $0.baseAddress?.advanced(by: done), $0.count - done, off_t(done))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return nil }
            done += count
        }
        return bytes
    }

    /// Whether something, a symbolic link too, is there.
    package func holds(_ relative: String) -> Bool {
        ((try? status(relative)) ?? nil) != nil
    }

    // MARK: The way down

    private func inFolder<Answer>(
        of relative: String, making: Bool = false,
        _ body: (Int32, String) throws(LocalFiles.Failure) -> Answer
    ) throws(LocalFiles.Failure) -> Answer {
        let parts = relative.pathNames
        guard let name = parts.last, !parts.contains(where: { $0 == ".." || $0 == "." }) else {
            throw failure(relative, EINVAL)
        }
        var folder = try opened(Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), "")
        defer { close(folder) }
        for part in parts.dropLast() {
            if making, mkdirat(folder, part, 0o755) != 0, errno != EEXIST {
                throw failure(relative)
            }
            let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
            let next = try opened(openat(folder, part, flags), relative)
            close(folder)
            folder = next
        }
        return try body(folder, name)
    }

    private func opened(
        _ descriptor: Int32, _ relative: String
    ) throws(LocalFiles.Failure) -> Int32 {
        guard descriptor >= 0 else { throw failure(relative) }
        return descriptor
    }

    private func failure(_ relative: String, _ code: Int32 = errno) -> LocalFiles.Failure {
        LocalFiles.Failure(absolute(relative), code)
    }

    /// Where a path below it is on this machine.
    package func absolute(_ relative: String) -> String {
        relative.isEmpty ? path : path + "/" + relative
    }
}
