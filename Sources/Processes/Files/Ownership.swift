import CLinux
import Glibc

/// Giving files to another user, for a process that runs as root.
extension FileSystem {
    /// Gives a directory and what is ours below it to `account`.
    ///
    /// What belongs to others already stays theirs. No symbolic link is followed, and no file with
    /// a second name is given away: neither can lead out of the directory. Throws `ELOOP` beyond
    /// 128 levels.
    package static func give(_ directory: String, to account: Account) throws(FileFailure) {
        let descriptor = holdfast_open_directory(AT_FDCWD, directory)
        guard descriptor >= 0 else { throw .last("open", directory) }
        try give(descriptor, directory, to: account, depth: 0)
    }

    /// Closes the descriptor.
    private static func give(
        _ descriptor: Int32, _ path: String, to account: Account, depth: Int
    ) throws(FileFailure) {
        guard depth < 128, let stream = fdopendir(descriptor) else {
            let code = depth < 128 ? errno : ELOOP
            close(descriptor)
            throw FileFailure("list", path, code: code)
        }
        defer { closedir(stream) }
        var status = stat()
        guard fstat(descriptor, &status) == 0,
            status.st_uid != geteuid() || fchown(descriptor, account.user, account.group) == 0
        else { throw .last("give away", path) }
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                    Array(
                        UnsafeBufferPointer(start: $0, count: strlen($0) + 1))
                }
            }
            try give(name, in: descriptor, path, to: account, depth: depth)
        }
        guard errno == 0 else { throw .last("list", path) }
    }

    /// `name` ends with a zero; it need not be UTF-8.
    private static func give(
        _ name: [CChar], in directory: Int32, _ path: String, to account: Account, depth: Int
    ) throws(FileFailure) {
        let shown = name.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { String(cString: $0) } ?? ""
        }
        guard shown != ".", shown != ".." else { return }
        var status = stat()
        guard fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            if errno == ENOENT { return }
            throw .last("look at", "\(path)/\(shown)")
        }
        if status.st_mode & S_IFMT == S_IFDIR {
            let child = holdfast_open_directory(directory, name)
            guard child >= 0 else { throw .last("open", "\(path)/\(shown)") }
            return try give(child, "\(path)/\(shown)", to: account, depth: depth + 1)
        }
        guard status.st_uid == geteuid(), status.st_nlink == 1 else { return }
        let flags = AT_SYMLINK_NOFOLLOW
        guard fchownat(directory, name, account.user, account.group, flags) == 0 else {
            throw .last("give away", "\(path)/\(shown)")
        }
    }

    /// Gives one file, open here, to `account`.
    package static func give(
        _ file: borrowing OpenFile, to account: Account
    ) throws(FileFailure) {
        guard fchown(file.descriptor, account.user, account.group) == 0 else {
            throw .last("give away", file.path)
        }
    }
}
