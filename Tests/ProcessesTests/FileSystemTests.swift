import Glibc
import Processes
import TestSupport
import Testing

@Suite struct FileSystemTests {
    @Test("written → read back, replaced as a whole, no temporary file left")
    func write() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/a"
        #expect(try FileSystem.read(path, limit: 10) == nil)
        try FileSystem.write([1, 2, 3], to: path)
        try FileSystem.write([4], to: path)
        #expect(try FileSystem.read(path, limit: 1) == [4])
        #expect(try FileSystem.list(directory.path) == ["a"])
    }

    @Test("larger than the limit → an error, not a part")
    func readLimit() throws {
        let directory = try TemporaryDirectory()
        try FileSystem.write([1, 2, 3], to: "\(directory.path)/a")
        #expect(throws: FileFailure("read all of", "\(directory.path)/a", code: EFBIG)) {
            try FileSystem.read("\(directory.path)/a", limit: 2)
        }
    }

    @Test("write into a missing directory → an error that names it, nothing left")
    func writeFails() throws {
        let directory = try TemporaryDirectory()
        #expect {
            try FileSystem.write([1], to: "\(directory.path)/b/a")
        } throws: { error in
            (error as? FileFailure)?.isMissing == true
                && "\(error)".contains("\(directory.path)/b/a")
        }
    }

    @Test("directory listing → sorted, bounded, nil when missing")
    func list() throws {
        let directory = try TemporaryDirectory()
        for name in ["b", "a", ".c"] {
            try FileSystem.write([], to: "\(directory.path)/\(name)")
        }
        #expect(try FileSystem.list(directory.path) == [".c", "a", "b"])
        #expect(try FileSystem.list("\(directory.path)/none") == nil)
        #expect(throws: FileFailure.self) { try FileSystem.list(directory.path, limit: 2) }
    }

    @Test("tree removed → a linked directory outside keeps its files")
    func removeTree() throws {
        let directory = try TemporaryDirectory()
        let kept = "\(directory.path)/kept"
        try FileSystem.makeDirectories("\(directory.path)/tree/x/y")
        try FileSystem.makeDirectory(kept)
        try FileSystem.write([1], to: "\(kept)/file")
        #expect(symlink(kept, "\(directory.path)/tree/x/link") == 0)
        try FileSystem.removeTree("\(directory.path)/tree")
        #expect(try FileSystem.list(directory.path) == ["kept"])
        #expect(try FileSystem.list(kept) == ["file"])
    }

    @Test("tree with read-only directories → removed all the same")
    func removeReadOnlyTree() throws {
        let directory = try TemporaryDirectory()
        try FileSystem.makeDirectories(directory("tree/x"))
        try FileSystem.write([1], to: directory("tree/x/file"))
        #expect(chmod(directory("tree/x"), 0o500) == 0)
        try FileSystem.removeTree(directory("tree"))
        #expect(!directory.exists("tree"))
    }

    @Test("a file where a directory should be → an error")
    func directoryInTheWay() throws {
        let directory = try TemporaryDirectory()
        try FileSystem.write([], to: "\(directory.path)/a")
        #expect(throws: FileFailure.self) {
            try FileSystem.makeDirectories("\(directory.path)/a/b")
        }
        #expect(throws: FileFailure.self) { try FileSystem.makeDirectories("\(directory.path)/a") }
    }

    @Test("lock held → a second holder is refused, a look does not disturb it, then it is free")
    func lock() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/lock"
        #expect(try !FileLock.isHeld(path))
        do {
            guard let held = try FileLock.attempt(path) else {
                Issue.record("a free lock was refused")
                return
            }
            #expect(try FileLock.isHeld(path))
            #expect(try !attempt(path))
            _ = consume held
        }
        #expect(try !FileLock.isHeld(path))
        #expect(try attempt(path))
    }

    /// Whether the lock could be taken; it is let go at once.
    private func attempt(_ path: String) throws -> Bool {
        guard let lock = try FileLock.attempt(path) else { return false }
        _ = consume lock
        return true
    }
}
