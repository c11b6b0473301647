import GitSource
import TestSupport
import Testing
import Training

struct LocalRepositoryTests {
    private let directory: TemporaryDirectory
    private let fixture: GitFixture

    init() throws {
        directory = try TemporaryDirectory()
        fixture = try GitFixture(in: directory)
    }

    private func source(
        _ path: String? = nil, ref: String? = nil, path folder: String = "manifests",
        limits: SourceLimits = SourceLimits()
    ) throws -> SourceUnderTest {
        try SourceUnderTest(
            path ?? fixture.path, ref: ref, path: folder, cache: directory, limits: limits)
    }

    @Test("a work tree → HEAD's branch and its committed manifests, not the edited ones")
    func workTree() async throws {
        let commit = try fixture.seed()
        fixture.write("manifests/a.yaml", "edited")
        let source = try source()
        let snapshot = try await source.repository.fetch()
        #expect(snapshot.revision == Revision(ref: "main", commit: commit))
        #expect(snapshot.files.map(\.path) == ["manifests/a.yaml", "manifests/team/deep/b.yml"])
        #expect(snapshot.origin == "file://" + fixture.path)
        #expect(try await source.texts()["manifests/a.yaml"] == "name: a\n")
    }

    @Test("a folder below the work tree, or a bare repository → the same repository")
    func places() async throws {
        let commit = try fixture.seed()
        try GitFixture.git(["clone", "-q", "--bare", fixture.path, directory("bare.git")])
        for path in [fixture.path + "/manifests/team", directory("bare.git")] {
            let snapshot = try await source(path).repository.fetch()
            #expect(snapshot.revision.commit == commit)
            #expect(snapshot.files.count == 2)
            #expect(snapshot.origin == "file://" + fixture.path)
        }
    }

    @Test("blobs that are known → only the others are read")
    func knownBlobs() async throws {
        try fixture.seed()
        let repository = try source().repository
        let snapshot = try await repository.fetch()
        let known = Set([snapshot.files[0].blob])
        let blobs = try await repository.manifests(of: snapshot, unless: known)
        #expect(Set(blobs.keys) == [snapshot.files[1].blob])
    }

    @Test(
        "a branch, a tag, an annotated tag, a commit id → that commit; another name → refNotFound")
    func refs() async throws {
        let first = try fixture.seed()
        try fixture.git("tag", "light")
        try fixture.git("tag", "-a", "heavy", "-m", "x")
        try fixture.git("branch", "feature/x")
        try fixture.commit("second")
        let named = [
            "light": "light", "heavy": "heavy", "feature/x": "feature/x",
            "refs/heads/feature/x": "feature/x", first: "HEAD",
        ]
        for (ref, shown) in named {
            let revision = try await source(ref: ref).repository.fetch().revision
            #expect(revision == Revision(ref: shown, commit: first))
        }
        #expect(try await source(ref: "gone").fetchFailure() == .refNotFound("gone"))
    }

    @Test("a detached clone of depth 1 → readable as HEAD, its ancestry unknown")
    func shallow() async throws {
        let first = try fixture.seed()
        let second = try fixture.commit("second")
        let clone = directory("clone")
        try GitFixture.git(["clone", "-q", "--depth=1", "file://" + fixture.path, clone])
        try GitFixture.git(["-C", clone, "checkout", "-q", "--detach"])
        try GitFixture.git(["-C", clone, "config", "extensions.worktreeConfig", "true"])
        try GitFixture.git(["-C", clone, "config", "core.repositoryFormatVersion", "1"])
        let repository = try source(clone).repository
        let snapshot = try await repository.fetch()
        #expect(snapshot.revision == Revision(ref: "HEAD", commit: second))
        #expect(snapshot.files.count == 2)
        #expect(snapshot.origin == "file://" + fixture.path)
        #expect(await repository.ancestry(of: second, from: first) == .unknown)
        #expect(await repository.ancestry(of: second, from: second) == .same)
    }

    @Test("two commits → same, descends, diverged or unknown")
    func ancestry() async throws {
        let first = try fixture.seed()
        let second = try fixture.commit("second")
        try fixture.git("checkout", "-q", "-b", "side", first)
        let side = try fixture.commit("side")
        let repository = try source().repository
        _ = try await repository.fetch()
        #expect(await repository.ancestry(of: first, from: first) == .same)
        #expect(await repository.ancestry(of: second, from: first) == .descends)
        #expect(await repository.ancestry(of: first, from: second) == .diverged)
        #expect(await repository.ancestry(of: side, from: second) == .diverged)
        let absent = String(repeating: "a", count: 40)
        #expect(await repository.ancestry(of: second, from: absent) == .unknown)
        #expect(await repository.ancestry(of: second, from: "junk") == .unknown)
    }

    @Test("no repository, no commit, no folder → one clear failure each")
    func absent() async throws {
        #expect(try await source().fetchFailure() == .emptyRepository)
        try fixture.seed()
        #expect(try await source(path: "runs").fetchFailure() == .pathNotFound("runs"))
        #expect(
            try await source(path: "manifests/a.yaml").fetchFailure()
                == .pathNotFound("manifests/a.yaml"))
        let plain = directory("plain")
        directory.makeDirectory("plain")
        #expect(
            try await source(plain).fetchFailure()
                == .unreachable("\(plain) is not in a Git repository"))
    }

    @Test("the root as the manifests' folder → every manifest of the repository")
    func root() async throws {
        try fixture.seed()
        fixture.write("x.yaml", "")
        try fixture.commit()
        let snapshot = try await source(path: ".").repository.fetch()
        #expect(
            snapshot.files.map(\.path)
                == ["manifests/a.yaml", "manifests/team/deep/b.yml", "x.yaml"])
    }

    @Test("a symlink or a submodule among the manifests → refused by name")
    func links() async throws {
        try fixture.seed()
        try fixture.git("branch", "plain")
        let blob = try fixture.git("hash-object", "-w", "--stdin", input: "/etc/passwd")
        try fixture.git(
            "update-index", "--add", "--cacheinfo", "120000,\(blob),manifests/team/l.yaml")
        try fixture.git("commit", "-q", "-m", "link")
        #expect(
            try await source().fetchFailure()
                == .refused("manifests/team/l.yaml is a symlink; put the file itself there"))
        try fixture.git("reset", "-q", "--hard", "plain")
        let commit = try fixture.git("rev-parse", "HEAD")
        try fixture.git("update-index", "--add", "--cacheinfo", "160000,\(commit),manifests/sub")
        try fixture.git("commit", "-q", "-m", "submodule")
        #expect(
            try await source().fetchFailure()
                == .refused("manifests/sub is a submodule; put the files there"))
        #expect(
            try await source(path: "manifests/sub").fetchFailure()
                == .refused("sub of manifests/sub is a submodule"))
    }

    @Test("a name with a control character of the second page → not plain text")
    func controlCharacter() async throws {
        try fixture.seed()
        let blob = try fixture.git("hash-object", "-w", "--stdin", input: "name: b\n")
        try fixture.git(
            "update-index", "--add", "--cacheinfo", "100644,\(blob),manifests/\u{9B}31m.yaml")
        try fixture.git("commit", "-q", "-m", "name")
        #expect(
            try await source().fetchFailure()
                == .refused("a name in manifests is not plain text"))
    }

    @Test("files beyond each limit → tooLarge, naming the file or the limit")
    func limits() async throws {
        try fixture.seed()
        var limits = SourceLimits()
        limits.files = 1
        #expect(
            try await source(limits: limits).fetchFailure()
                == .tooLarge("more than 1 manifest files"))
        limits = SourceLimits()
        limits.depth = 1
        #expect(
            try await source(limits: limits).fetchFailure()
                == .tooLarge("manifests/team/deep is deeper than 1 folders"))
        limits = SourceLimits()
        limits.fileBytes = 7
        let small = try source(limits: limits)
        let snapshot = try await small.repository.fetch()
        await #expect(
            throws: SourceFailure.tooLarge(
                "manifests/a.yaml has 8 bytes; a manifest file has at most 7")
        ) { try await small.repository.manifests(of: snapshot, unless: []) }
        limits = SourceLimits()
        limits.totalBytes = 15
        let few = try source(limits: limits)
        await #expect(throws: SourceFailure.self) {
            try await few.repository.manifests(of: snapshot, unless: [])
        }
    }

    @Test("a folder or a ref that leaves the repository → refused before anything is read")
    func hostileOptions() throws {
        for path in ["../x", "/etc", "a/../../b"] {
            #expect(throws: SourceFailure.self) { try source(path: path) }
        }
        for ref in ["-x", "a..b", "a b", "+refs/heads/*:refs/heads/*", "x.lock"] {
            #expect(throws: SourceFailure.self) { try source(ref: ref) }
        }
    }

    @Test("objects that are gone → damaged, naming one")
    func damaged() async throws {
        let commit = try fixture.seed()
        let repository = try source().repository
        _ = try await repository.fetch()
        let tree = try fixture.git("rev-parse", "HEAD^{tree}")
        let object = "\(tree.prefix(2))/\(tree.dropFirst(2))"
        _ = try ToolProcess.run(
            ["rm", "-f", fixture.path + "/.git/objects/" + object],
            environment: GitFixture.environment)
        guard case .damaged(let detail)? = try await source().fetchFailure() else {
            Issue.record("commit \(commit) was read without its tree")
            return
        }
        #expect(detail.contains(tree))
    }

    @Test("10,000 small manifests → all of them are read")
    func manyFiles() async throws {
        var script = "commit refs/heads/main\ncommitter A <a@example.com> 1767225600 +0000\n"
        script += "data 4\nmany\n"
        for number in 0..<10_000 {
            let text = "name: run-\(number)\n"
            script += "M 100644 inline manifests/\(number % 100)/\(number).yaml\n"
            script += "data \(text.utf8.count)\n\(text)"
        }
        try fixture.git("fast-import", "--quiet", input: script)
        let repository = try source().repository
        let snapshot = try await repository.fetch()
        let blobs = try await repository.manifests(of: snapshot, unless: [])
        #expect(snapshot.files.count == 10_000)
        #expect(blobs.count == 10_000)
        let known = Set(blobs.keys)
        #expect(try await repository.manifests(of: snapshot, unless: known).isEmpty)
    }

    @Test("a token in the URL of the origin remote → not in the snapshot's origin")
    func tokenInRemote() async throws {
        try fixture.seed()
        try fixture.git("remote", "add", "origin", "https://x:canary@Host/org/repo.git")
        #expect(try await source().repository.fetch().origin == "https://host/org/repo")
    }

    @Test("two readers of one repository at once → both get every file")
    func twoReaders() async throws {
        try fixture.seed()
        let sources = [try source(), try source()]
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<20 {
                group.addTask { try await sources[number % 2].texts().count }
            }
            for try await count in group { #expect(count == 2) }
        }
    }
}
