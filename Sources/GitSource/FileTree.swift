import Glibc
import Training

/// The few file calls that the cache needs.
enum FileTree {
    /// Makes a directory and those above it; throws when it is still not there.
    static func makeDirectory(_ path: String) throws(SourceFailure) {
        var partial = ""
        for part in path.split(separator: "/") {
            partial += "/" + part
            if mkdir(partial, 0o700) != 0, errno != EEXIST {
                throw .unreachable(
                    "the directory \(partial) cannot be made: \(CacheLock.reason(errno))")
            }
        }
    }

    static func names(_ path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// Removes a file or a directory with all that is in it; follows no symlink.
    static func remove(_ path: String) {
        guard unlink(path) != 0 else { return }
        for name in names(path) { remove(path + "/" + name) }
        rmdir(path)
    }
}
