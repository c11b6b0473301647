import TestSupport
import Testing
import Training

@testable import GitSource

struct TreeArchiveTests {
    private let directory: TemporaryDirectory
    private let fixture: GitFixture

    init() throws {
        directory = try TemporaryDirectory()
        fixture = try GitFixture(in: directory)
        try fixture.seed()
    }

    private func archive(
        _ path: String, limit: Int = 10 << 20, in source: String? = nil
    ) async throws -> [UInt8] {
        let source = try SourceUnderTest(source ?? fixture.path, cache: directory)
        let snapshot = try await source.repository.fetch()
        let tree = try #require(try await source.repository.tree(at: path, in: snapshot))
        return try await source.repository.archive(tree: tree, limit: limit)
    }

    private func shell(_ script: String, _ arguments: String...) throws -> String {
        let result = try ToolProcess.run(
            ["sh", "-ec", script] + arguments, environment: GitFixture.environment)
        try #require(result.status == 0, "\(result.output)")
        return result.output
    }

    @Test("a tree with every kind of name → tar unpacks exactly what git would check out")
    func unpacks() async throws {
        let long = String(repeating: "long-folder-name/", count: 9)
        fixture.write("code/run.sh", "#!/bin/sh\n")
        fixture.write("code/" + long + "file with ünïcode.txt", "deep")
        fixture.write("code/empty", "")
        fixture.write("code/big", String(repeating: "0123456789", count: 20_000))
        _ = try shell(
            "cd \"$0\"; chmod +x run.sh; ln -s run.sh link; mkdir -p sub; ln -s ../run.sh sub/up;"
                + "ln -s \"$1\"'file with ünïcode.txt' far", fixture.path + "/code", long)
        try fixture.commit()
        directory.write("a.tar.gz", try await archive("code"))
        _ = try shell(
            "cd \"$0\"; mkdir out; tar -xzf a.tar.gz -C out; diff -r repo/code out", directory.path)
        let facts = try shell(
            "cd \"$0\"; tar -tvzf a.tar.gz --numeric-owner --utc; readlink out/sub/up out/far",
            directory.path)
        #expect(facts.contains("-rwxr-xr-x 0/0"))
        #expect(facts.contains("-rw-r--r-- 0/0"))
        #expect(facts.contains("1970-01-01 00:00"))
        #expect(facts.contains("../run.sh\n"))
        #expect(facts.contains("file with ünïcode.txt\n"))
    }

    @Test("equal trees in two repositories → equal bytes; a changed byte → others")
    func deterministic() async throws {
        let first = try await archive("code")
        let second = try GitFixture("second", in: directory)
        second.write("elsewhere/code/train.py", "print('hi')\n")
        second.write("manifests/x.yaml", "")
        try second.commit("other history")
        #expect(try await archive("elsewhere/code", in: second.path) == first)
        fixture.write("code/train.py", "print('ho')\n")
        try fixture.commit()
        #expect(try await archive("code") != first)
    }

    @Test("a limit of just its size → given; one byte less → tooLarge")
    func limit() async throws {
        fixture.write("code/big", String(repeating: "x", count: 150_000))
        try fixture.commit()
        let bytes = try await archive("code")
        #expect(try await archive("code", limit: bytes.count) == bytes)
        let limit = bytes.count - 1
        await #expect(
            throws: SourceFailure.tooLarge("the source's archive is larger than \(limit) bytes")
        ) { try await archive("code", limit: limit) }
    }

    @Test("a path that is a file or absent → no tree; the root → a tree")
    func trees() async throws {
        let source = try SourceUnderTest(fixture.path, cache: directory)
        let repository = source.repository
        let snapshot = try await repository.fetch()
        #expect(try await repository.tree(at: "code/train.py", in: snapshot) == nil)
        #expect(try await repository.tree(at: "absent", in: snapshot) == nil)
        let root = try fixture.git("rev-parse", "HEAD^{tree}")
        #expect(try await repository.tree(at: "./", in: snapshot) == root)
        await #expect(throws: SourceFailure.self) {
            try await repository.tree(at: "../x", in: snapshot)
        }
    }

    @Test("a submodule or a symlink that leads out → refused by name")
    func refused() async throws {
        let blob = try fixture.git("hash-object", "-w", "--stdin", input: "../../etc/passwd")
        try fixture.git("update-index", "--add", "--cacheinfo", "120000,\(blob),code/sub/out")
        try fixture.git("commit", "-q", "-m", "link")
        await #expect(
            throws: SourceFailure.refused("sub/out is a symlink that leaves its folder tree")
        ) { try await archive("code") }
        try fixture.git("reset", "-q", "--hard", "HEAD~1")
        let commit = try fixture.git("rev-parse", "HEAD")
        try fixture.git("update-index", "--add", "--cacheinfo", "160000,\(commit),code/lib")
        try fixture.git("commit", "-q", "-m", "submodule")
        await #expect(throws: SourceFailure.self) { try await archive("code") }
    }

    @Test("a refused name with an escape before a combining mark → shown without the escape")
    func shown() async throws {
        let blob = try fixture.git("hash-object", "-w", "--stdin", input: "/etc/passwd")
        let name = "code/a\u{1B}\u{301}[31m\u{9B}b"
        try fixture.git("update-index", "--add", "--cacheinfo", "120000,\(blob),\(name)")
        try fixture.git("commit", "-q", "-m", "link")
        await #expect(
            throws: SourceFailure.refused(
                "a?\u{301}[31m?b is a symlink that leaves its folder tree")
        ) { try await archive("code") }
    }

    @Test(
        "a symlink's target → stays inside or not",
        arguments: [
            ("a", 0, true), ("./a/b", 0, true), ("..", 1, true), ("../a", 1, true),
            ("../../a", 2, true), ("../a", 0, false), ("../../a", 1, false), ("/a", 3, false),
            ("a/../b", 3, false), ("../a/..", 3, false), ("", 3, false), ("a\0", 0, false),
        ])
    func targets(target: String, depth: Int, isInside: Bool) {
        #expect(TreeArchive.staysInside(Array(target.utf8), depth: depth) == isInside)
    }

    @Test("the check value of CRC-32 → as the standard gives it")
    func checksum() {
        var checksum = Checksum()
        checksum.add(Array("1234".utf8)[...])
        checksum.add(Array("56789".utf8)[...])
        #expect(checksum.value == 0xCBF4_3926)
    }
}
