import Glibc

/// Small, bounded, crash-safe operations on files by path.
///
/// All of them block shortly.
package enum FileSystem {
    /// The whole file; nil when there is none.
    ///
    /// Throws `EFBIG` when it holds more than `limit` bytes.
    package static func read(_ path: String, limit: Int) throws(FileFailure) -> [UInt8]? {
        do throws(FileFailure) {
            let file = try OpenFile(path, .read)
            return try file.readAll(limit: limit)
        } catch {
            if error.isMissing { return nil }
            throw error
        }
    }

    /// Replaces the file as a whole: temporary file, sync, rename, sync of the directory.
    ///
    /// A reader, or a crash, sees the old or the new bytes and nothing between.
    package static func write(
        _ bytes: [UInt8], to path: String, permissions: UInt32 = 0o644
    ) throws(FileFailure) {
        let temporary = "\(path).tmp-\(randomName())"
        do throws(FileFailure) {
            let file = try OpenFile(temporary, .create, permissions: permissions)
            try file.write(bytes)
            try file.synchronize()
            try rename(temporary, to: path)
        } catch {
            unlink(temporary)
            throw error
        }
    }

    /// Renames over whatever is there, then syncs the directory.
    package static func rename(_ path: String, to target: String) throws(FileFailure) {
        guard Glibc.rename(path, target) == 0 else { throw .last("rename to", target) }
        try synchronize(directory: parent(of: target))
    }

    /// Makes the directory's own entries durable.
    package static func synchronize(directory: String) throws(FileFailure) {
        try OpenFile(directory, .read).synchronize()
    }

    /// The names in a directory, sorted, without `.` and `..`; nil when there is none.
    ///
    /// Throws `E2BIG` beyond `limit` names.
    package static func list(
        _ path: String, limit: Int = 1_000_000
    ) throws(FileFailure) -> [String]? {
        guard let stream = opendir(path) else {
            let failure = FileFailure.last("list", path)
            if failure.isMissing { return nil }
            throw failure
        }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name == "." || name == ".." { continue }
            guard names.count < limit else {
                throw FileFailure("list", path, code: E2BIG)
            }
            names.append(name)
        }
        guard errno == 0 else { throw .last("list", path) }
        return names.sorted()
    }

    /// Makes one directory; false when something by that name is there already.
    @discardableResult
    package static func makeDirectory(
        _ path: String, permissions: UInt32 = 0o755
    ) throws(FileFailure) -> Bool {
        if mkdir(path, permissions) == 0 { return true }
        let failure = FileFailure.last("make the directory", path)
        if failure.code == EEXIST { return false }
        throw failure
    }

    /// Makes a directory and those above it as needed; `durably`: a crash does not undo it.
    package static func makeDirectories(
        _ path: String, durably: Bool = false
    ) throws(FileFailure) {
        let isNew: Bool
        do throws(FileFailure) {
            isNew = try makeDirectory(path)
        } catch {
            let above = parent(of: path)
            guard error.code == ENOENT, above != path else { throw error }
            try makeDirectories(above, durably: durably)
            isNew = try makeDirectory(path)
        }
        if isNew {
            if durably { try synchronize(directory: parent(of: path)) }
            return
        }
        guard try status(path)?.kind == .directory else {
            throw FileFailure("make the directory", path, code: ENOTDIR)
        }
    }

    /// The absolute path with every link resolved.
    ///
    /// Throws when there is nothing.
    package static func resolve(_ path: String) throws(FileFailure) -> String {
        guard let resolved = realpath(path, nil) else { throw .last("resolve", path) }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// What is at the path, links followed unless told otherwise; nil when nothing is.
    package static func status(
        _ path: String, followsLinks: Bool = true
    ) throws(FileFailure) -> FileStatus? {
        var raw = stat()
        let answer = followsLinks ? stat(path, &raw) : lstat(path, &raw)
        if answer == 0 { return FileStatus(raw) }
        let failure = FileFailure.last("look at", path)
        if failure.isMissing { return nil }
        throw failure
    }

    /// Removes one file; false when it was not there.
    @discardableResult
    package static func remove(_ path: String) throws(FileFailure) -> Bool {
        if unlink(path) == 0 { return true }
        let failure = FileFailure.last("remove", path)
        if failure.isMissing { return false }
        throw failure
    }

    /// Removes an empty directory; false when it was not there.
    @discardableResult
    package static func removeDirectory(_ path: String) throws(FileFailure) -> Bool {
        if rmdir(path) == 0 { return true }
        let failure = FileFailure.last("remove the directory", path)
        if failure.isMissing { return false }
        throw failure
    }

    /// Removes whatever is at the path with all below it.
    ///
    /// Never follows a symbolic link out. Throws `ELOOP` beyond 128 levels.
    package static func removeTree(_ path: String) throws(FileFailure) {
        try removeTree(path, depth: 0)
    }

    private static func removeTree(_ path: String, depth: Int) throws(FileFailure) {
        guard depth < 128 else { throw FileFailure("remove", path, code: ELOOP) }
        guard let status = try status(path, followsLinks: false) else { return }
        guard status.kind == .directory else {
            try remove(path)
            return
        }
        // Tools make whole trees read-only (module caches, say); ours are ours to remove.
        if access(path, R_OK | W_OK | X_OK) != 0 { chmod(path, 0o700) }
        for name in try list(path) ?? [] {
            try removeTree("\(path)/\(name)", depth: depth + 1)
        }
        try removeDirectory(path)
    }

    /// The directory that holds `path`.
    package static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// 16 random hexadecimal digits for names that must not meet.
    package static func randomName() -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
