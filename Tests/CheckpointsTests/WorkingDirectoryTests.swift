import Glibc
import TestSupport
import Testing

@testable import Checkpoints

struct WorkingDirectoryTests {
    let disk: TemporaryDirectory
    let work: WorkingDirectory

    init() throws {
        disk = try TemporaryDirectory()
        work = WorkingDirectory(disk("work"))
        disk.write("outside/secret", "root's")
        disk.write("work/real/file", "mine")
        disk.link("work/out", to: disk("outside"))
        disk.link("work/near", to: "real")
        disk.link("work/real/last", to: "file")
    }

    @Test("a folder on the way is a link, out or within → as if nothing were there")
    func linkedFolder() throws {
        for path in ["out/secret", "near/file"] {
            #expect(throws: LocalFiles.Failure.self) { try work.open(path) }
            #expect(try work.status(path) == nil)
            #expect(work.read(path, limit: 100) == nil)
        }
        #expect(try work.names(in: "out", limit: 10) == [])
        #expect(work.read("real/file", limit: 100) == Array("mine".utf8))
        #expect(try work.names(in: "real", limit: 10) == ["file", "last"])
    }

    @Test("the last part is a link → it is there, but never read")
    func linkedFile() throws {
        #expect(try work.status("real/last")?.kind == .other)
        #expect(work.read("real/last", limit: 100) == nil)
    }

    @Test("a .. before a slash with a combining mark → refused, too")
    func hiddenParent() {
        disk.write("\u{301}x", "outside")
        #expect(work.read("../\u{301}x", limit: 100) == nil)
        #expect(throws: LocalFiles.Failure.self) { try work.status("real/../\u{301}x") }
    }

    @Test("a path with .. → refused")
    func parent() {
        #expect(throws: LocalFiles.Failure.self) { try work.status("../outside/secret") }
        #expect(work.read("real/../../outside/secret", limit: 100) == nil)
    }

    @Test("something is taken to a place behind a link → refused, nothing is made there")
    func taken() throws {
        disk.write("staging", "new")
        #expect(throws: LocalFiles.Failure.self) {
            try work.take(disk("staging"), as: "out/deep/file")
        }
        #expect(!disk.exists("outside/deep"))
        try work.take(disk("staging"), as: "new/deep/file")
        #expect(disk.text("work/new/deep/file") == "new")
    }

    @Test("a tree with links out is removed → the links go, what they name stays")
    func removed() throws {
        try LocalFiles.remove(disk("work"))
        #expect(!disk.exists("work"))
        #expect(disk.text("outside/secret") == "root's")
    }
}
