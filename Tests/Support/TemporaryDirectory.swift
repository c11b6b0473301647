import Glibc

/// A directory that exists as long as this value is held.
package final class TemporaryDirectory: Sendable {
    /// Absolute, without a trailing slash.
    package let path: String

    package init() throws {
        var template = Array("/tmp/holdfast-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure(errno: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        TemporaryDirectory.removeTree(path)
    }

    package struct Failure: Error {
        package var errno: Int32
    }

    /// The absolute path of `name` below the directory.
    package func callAsFunction(_ name: String) -> String { path + "/" + name }

    /// Writes a file, making the directories above it.
    package func write(_ name: String, _ text: String) {
        write(name, Array(text.utf8))
    }

    /// Writes a file, making the directories above it.
    package func write(_ name: String, _ bytes: [UInt8]) {
        makeDirectories(above: name)
        LocalFile.write(self(name), bytes)
    }

    package func read(_ name: String) -> [UInt8]? { LocalFile.read(self(name)) }

    package func text(_ name: String) -> String? {
        read(name).map { String(decoding: $0, as: UTF8.self) }
    }

    package func exists(_ name: String) -> Bool { access(self(name), F_OK) == 0 }

    /// The names of what is in it, sorted.
    package func names() -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        return TemporaryDirectory.names(in: directory).sorted()
    }

    package func makeDirectory(_ name: String) {
        makeDirectories(above: name + "/.")
    }

    /// Removes one file.
    package func remove(_ name: String) {
        unlink(self(name))
    }

    /// Makes a symbolic link.
    package func link(_ name: String, to target: String) {
        makeDirectories(above: name)
        symlink(target, self(name))
    }

    /// Sets the modification time, in milliseconds since 1970.
    package func touch(_ name: String, milliseconds: Int) {
        let time = timespec(
            tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
        _ = utimensat(AT_FDCWD, self(name), [time, time], 0)
    }

    private func makeDirectories(above name: String) {
        var partial = path
        for part in name.split(separator: "/").dropLast() {
            partial += "/" + part
            mkdir(partial, 0o755)
        }
    }

    private static func removeTree(_ path: String) {
        guard let directory = opendir(path) else {
            unlink(path)
            return
        }
        let names = names(in: directory)
        closedir(directory)
        for name in names {
            var facts = stat()
            let child = path + "/" + name
            if lstat(child, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR {
                removeTree(child)
            } else {
                unlink(child)
            }
        }
        rmdir(path)
    }

    private static func names(in directory: OpaquePointer) -> [String] {
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }
}
