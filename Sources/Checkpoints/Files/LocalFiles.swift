import Glibc
import Training

/// The calls on this machine's files that checkpoints need; symbolic links are never followed.
package enum LocalFiles {
    /// A call that failed, with its `errno`.
    package struct Failure: Error, Hashable, CustomStringConvertible {
        package var path: String
        package var code: Int32

        package init(_ path: String, _ code: Int32) {
            self.path = path
            self.code = code
        }

        init(_ path: String) {
            self.init(path, errno)
        }

        var isAbsence: Bool { code == ENOENT || code == ENOTDIR }
        /// A symbolic link stands where a file was.
        var isLoop: Bool { code == ELOOP }
        package var description: String { "\(path): \(String(cString: strerror(code)))" }
    }

    package enum Kind: Hashable, Sendable {
        case file
        case directory
        case other
    }

    /// What stands at a path.
    package struct Status: Hashable, Sendable {
        package var kind: Kind
        /// Bytes.
        package var size: Int
        /// Modification time, nanoseconds since 1970.
        package var modified: Int64
        package var inode: UInt64

        package init(kind: Kind, size: Int, modified: Int64, inode: UInt64) {
            self.kind = kind
            self.size = size
            self.modified = modified
            self.inode = inode
        }

        init(_ status: stat) {
            kind =
                switch status.st_mode & S_IFMT {
                case S_IFREG: .file
                case S_IFDIR: .directory
                default: .other
                }
            size = status.st_size
            modified =
                Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec)
            inode = UInt64(status.st_ino)
        }

        func isOf(_ facts: FileFacts) -> Bool {
            kind == .file && size == facts.size && modified == facts.modified
                && inode == facts.inode
        }
    }

    /// The names in an open directory, sorted; nil stands for each one that is not UTF-8.
    ///
    /// At most `limit + 1` of them. Closes the descriptor; `path` is for people.
    static func names(
        closing descriptor: Int32, _ path: String, limit: Int
    ) throws(Failure) -> [String?] {
        guard let directory = fdopendir(descriptor) else {
            defer { close(descriptor) }
            throw Failure(path)
        }
        defer { closedir(directory) }
        var names: [String?] = []
        while names.count <= limit {
            errno = 0
            guard let entry = readdir(directory) else {
                if errno != 0 { throw Failure(path) }
                break
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                    String(validatingCString: $0)
                }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted { ($0 ?? "") < ($1 ?? "") }
    }

    /// Makes a directory and every missing one above it.
    static func makeDirectory(_ path: String) throws(Failure) {
        var partial = ""
        for part in path.pathNames {
            partial += "/" + part
            guard mkdir(partial, 0o755) != 0 else { continue }
            let code = errno
            // EROFS or EACCES may stand for "exists already" above a mount point.
            if code != EEXIST && access(partial, F_OK) != 0 { throw Failure(partial, code) }
        }
    }

    /// Removes a file or a whole directory; success when there is none.
    ///
    /// From descriptor to descriptor: a trainer's folder that is swapped for a link meanwhile
    /// leads nowhere.
    static func remove(
        _ path: String, in folder: Int32 = AT_FDCWD, depth: Int = 0
    ) throws(Failure) {
        guard unlinkat(folder, path, 0) != 0 else { return }
        let failure = Failure(path)
        if failure.isAbsence { return }
        guard failure.code == EISDIR || failure.code == EPERM else { throw failure }
        guard depth < 64 else { throw Failure(path, ELOOP) }
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        while true {
            let directory = openat(folder, path, flags)
            guard directory >= 0 else { throw Failure(path) }
            defer { close(directory) }
            let listed = openat(directory, ".", flags)
            guard listed >= 0 else { throw Failure(path) }
            let names = try names(closing: listed, path, limit: 1000)
            if names.isEmpty { break }
            for name in names {
                guard let name else { throw Failure(path, EILSEQ) }
                try remove(name, in: directory, depth: depth + 1)
            }
        }
        guard unlinkat(folder, path, AT_REMOVEDIR) == 0 || errno == ENOENT else {
            throw Failure(path)
        }
    }
}
