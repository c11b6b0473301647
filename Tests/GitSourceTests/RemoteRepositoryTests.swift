import GitSource
import TestSupport
import Testing
import Training
import Transport

/// A real `git http-backend` behind a real HTTP server, and `file:`.
struct RemoteRepositoryTests {
    private let directory: TemporaryDirectory
    private let fixture: GitFixture
    private let server: ScriptServer

    init() throws {
        directory = try TemporaryDirectory()
        fixture = try GitFixture(in: directory)
        server = try ScriptServer(
            "git_http_server.py",
            ["--root", directory.path, "--user", "ann:canary-password", "--token", "canary-token"])
    }

    private func source(
        _ mode: String, ref: String? = nil, limits: SourceLimits = SourceLimits(),
        credential: HTTPCredential? = nil
    ) throws -> SourceUnderTest {
        try SourceUnderTest(
            server.url("\(mode)/repo/.git"), ref: ref, cache: directory, limits: limits,
            credential: credential)
    }

    private func log() async throws -> [Substring] {
        let client = try HTTPClient()
        let response = try await client.send(HTTPRequest(.get, try HTTPURL(server.url("log"))))
        return String(decoding: response.body, as: UTF8.self).split(separator: "\n")
    }

    private func posts() async throws -> Int {
        try await log().count { $0.hasPrefix("POST") }
    }

    @Test("a clone, nothing new, then a push → one pack, no pack, one more pack")
    func incremental() async throws {
        let first = try fixture.seed()
        let source = try source("git")
        let snapshot = try await source.repository.fetch()
        #expect(snapshot.revision == Revision(ref: "main", commit: first))
        #expect(snapshot.origin == server.url("git/repo"))
        #expect(
            try await source.texts() == [
                "manifests/a.yaml": "name: a\n", "manifests/team/deep/b.yml": "name: b\n",
            ])
        #expect(try await posts() == 1)
        fixture.write("manifests/a.yaml", "name: changed\n")
        let second = try fixture.commit("second")
        let next = try await source.repository.fetch()
        #expect(next.revision.commit == second)
        #expect(try await source.texts()["manifests/a.yaml"] == "name: changed\n")
        #expect(try await posts() == 2)
        #expect(await source.repository.ancestry(of: second, from: first) == .descends)
    }

    @Test("the same over file: → the same, and its origin is the path")
    func file() async throws {
        let first = try fixture.seed()
        let source = try SourceUnderTest("file://" + fixture.path, cache: directory)
        let snapshot = try await source.repository.fetch()
        #expect(snapshot.revision == Revision(ref: "main", commit: first))
        #expect(snapshot.origin == "file://" + fixture.path)
        fixture.write("manifests/c.yaml", "name: c\n")
        try fixture.commit("second")
        #expect(try await source.texts().count == 3)
    }

    @Test("a force push → the new commit, which does not descend from the old one")
    func forcePush() async throws {
        let first = try fixture.seed()
        let source = try source("git")
        _ = try await source.repository.fetch()
        try fixture.git("commit", "-q", "--amend", "-m", "rewritten")
        let snapshot = try await source.repository.fetch()
        #expect(snapshot.revision.commit != first)
        #expect(
            await source.repository.ancestry(of: snapshot.revision.commit, from: first)
                == .diverged)
    }

    @Test("a branch that vanished → refNotFound, though the cache still holds its commit")
    func vanished() async throws {
        try fixture.seed()
        try fixture.git("branch", "work")
        let source = try source("git", ref: "work")
        _ = try await source.repository.fetch()
        try fixture.git("branch", "-D", "work")
        #expect(await source.fetchFailure() == .refNotFound("work"))
    }

    @Test("a tag, an annotated tag, a detached HEAD → the commit behind it")
    func otherRefs() async throws {
        let first = try fixture.seed()
        try fixture.git("tag", "-a", "v1", "-m", "x")
        try fixture.commit("second")
        let tagged = try await source("git", ref: "v1").repository.fetch()
        #expect(tagged.revision == Revision(ref: "v1", commit: first))
        try fixture.git("checkout", "-q", "--detach", first)
        let detached = try await source("git").repository.fetch()
        #expect(detached.revision == Revision(ref: "HEAD", commit: first))
    }

    @Test("no commit, no server, no repository → one clear failure each")
    func absent() async throws {
        #expect(try await source("git").fetchFailure() == .emptyRepository)
        let nobody = try SourceUnderTest("http://127.0.0.1:1/repo", cache: directory)
        guard case .unreachable? = await nobody.fetchFailure() else {
            Issue.record("reached nobody")
            return
        }
        let missing = try SourceUnderTest(server.url("git/missing"), cache: directory)
        guard case .unreachable(let detail)? = await missing.fetchFailure() else {
            Issue.record("found a missing repository")
            return
        }
        #expect(detail.contains("404"))
        let page = try SourceUnderTest(server.url("echo"), cache: directory)
        guard case .unreachable(let text)? = await page.fetchFailure() else {
            Issue.record("took a page for a repository")
            return
        }
        #expect(text.contains("smart HTTP"))
    }

    @Test("basic and bearer credentials → let in; wrong or none → authentication, never shown")
    func credentials() async throws {
        try fixture.seed()
        let right = HTTPCredential.basic(username: "ann", password: "canary-password")
        #expect(try await source("basic", credential: right).texts().count == 2)
        let token = HTTPCredential.bearer(token: "canary-token")
        #expect(try await source("bearer", credential: token).texts().count == 2)
        for wrong in [nil, HTTPCredential.basic(username: "ann", password: "canary-wrong")] {
            guard
                case .authentication(let detail)? =
                    try await source("basic", credential: wrong).fetchFailure()
            else {
                Issue.record("not an authentication failure")
                return
            }
            #expect(!detail.contains("canary"))
        }
    }

    @Test("credentials in the URL → used, and shown in no origin, description or error")
    func canary() async throws {
        try fixture.seed()
        let address = "http://ann:canary-password@127.0.0.1:\(server.port)"
        let source = try SourceUnderTest(address + "/basic/repo/.git", cache: directory)
        #expect(try await source.repository.fetch().origin == server.url("basic/repo"))
        for mode in ["bearer", "away", "circle", "status/500", "cut/9", "missing"] {
            let other = try SourceUnderTest(address + "/\(mode)/repo", cache: directory)
            let failure = try #require(await other.fetchFailure())
            #expect(!"\(failure)".contains("canary"))
        }
        let result = try ToolProcess.run(
            ["grep", "-r", "canary", directory("cache")], environment: GitFixture.environment)
        #expect(result.output == "")
    }

    @Test("a commit id as ref → that commit, when the server gives it out")
    func commitID() async throws {
        let first = try fixture.seed()
        try fixture.commit("second")
        try fixture.git("config", "uploadpack.allowReachableSHA1InWant", "true")
        let snapshot = try await source("git", ref: first).repository.fetch()
        #expect(snapshot.revision == Revision(ref: "HEAD", commit: first))
    }

    @Test("a pack with a changed byte → damaged, and the next fetch from a sound server works")
    func garbled() async throws {
        try fixture.seed()
        let source = try source("garble")
        guard case .damaged? = await source.fetchFailure() else {
            Issue.record("took a garbled pack")
            return
        }
        #expect(try await self.source("git").texts().count == 2)
    }

    @Test("a server that is silent, at first or in the pack → fails by the deadline")
    func stalled() async throws {
        try fixture.seed()
        var limits = SourceLimits()
        limits.fetch = .milliseconds(700)
        for mode in ["stall", "drip"] {
            guard
                case .unreachable(let detail)? =
                    try await source(mode, limits: limits).fetchFailure()
            else {
                Issue.record("\(mode) did not fail")
                return
            }
            #expect(detail.contains("timed out"))
        }
    }

    @Test("a fetch that is cancelled → ends at once")
    func cancelled() async throws {
        let source = try source("stall")
        let task = Task { await source.fetchFailure() }
        try await Task.sleep(for: .milliseconds(100))
        task.cancel()
        #expect(await task.value == .unreachable("cancelled"))
    }

    @Test("a redirect on the same host → followed; to another host → refused")
    func redirects() async throws {
        try fixture.seed()
        #expect(try await source("moved").texts().count == 2)
        guard case .refused(let detail)? = try await source("away").fetchFailure() else {
            Issue.record("followed to another host")
            return
        }
        #expect(detail.contains("localhost"))
    }

    @Test("a pack above the limit → tooLarge, over HTTP and file:")
    func packLimit() async throws {
        try fixture.seed()
        // Bytes that do not compress: object ids of a counter.
        let ids = (0..<4_000).map { Digest(of: "\($0)").hex }.joined()
        fixture.write("code/data", ids)
        try fixture.commit()
        var limits = SourceLimits()
        limits.packBytes = 50_000
        for address in [server.url("git/repo/.git"), "file://" + fixture.path] {
            let source = try SourceUnderTest(address, cache: directory, limits: limits)
            guard case .tooLarge? = await source.fetchFailure() else {
                Issue.record("\(address) was fetched")
                return
            }
        }
    }

    @Test("more packs than allowed → the cache is made anew")
    func renewed() async throws {
        try fixture.seed()
        var limits = SourceLimits()
        limits.packFiles = 3
        let source = try source("git", limits: limits)
        for number in 0..<4 {
            fixture.write("manifests/\(number).yaml", "name: n-\(number)\n")
            try fixture.commit()
            #expect(try await source.texts().count == 3 + number)
        }
        let files = try ToolProcess.run(
            ["sh", "-c", "ls \"$0\"/*.git/objects/pack | wc -l", directory("cache")],
            environment: GitFixture.environment)
        #expect(try #require(Int(files.output.filter(\.isNumber))) <= 5)
    }

    @Test("a cache whose files are junk → made anew by the pass after", arguments: ["*", "*.pack"])
    func damagedCache(files: String) async throws {
        try fixture.seed()
        _ = try await source("git").texts()
        try fixture.commit("second")
        let damage = try ToolProcess.run(
            [
                "sh", "-ec",
                "for f in \"$0\"/*.git/objects/pack/\(files);"
                    + "do chmod u+w $f; echo junk > $f; done", directory("cache"),
            ], environment: GitFixture.environment)
        #expect(damage.status == 0)
        let other = try source("git")
        let first = (try? await other.texts().count) ?? 2
        let second = try await other.texts().count
        #expect(first == 2 && second == 2)
    }

    @Test("two fetches into one cache at once → both get every file")
    func twoReaders() async throws {
        try fixture.seed()
        let sources = [try source("git"), try source("git")]
        try await withThrowingTaskGroup(of: Int.self) { group in
            for source in sources {
                group.addTask { try await source.texts().count }
            }
            for try await count in group { #expect(count == 2) }
        }
    }

    @Test("a global configuration with insteadOf and a proxy → does not steer us")
    func globalConfiguration() async throws {
        try fixture.seed()
        directory.write(
            "home/.gitconfig",
            """
            [url "http://127.0.0.1:1/"]
                insteadOf = http://127.0.0.1:\(server.port)/
            [url "/nonexistent"]
                insteadOf = \(fixture.path)
            [http]
                proxy = http://127.0.0.1:1/

            """)
        let home = directory("home")
        let url = server.url("git/repo/.git")
        let path = fixture.path
        let cache = directory.path
        // libgit2 reads HOME once, so this needs a process of its own.
        await #expect(processExitsWith: .success) {
            [
                home = home as String, url = url as String, path = path as String,
                cache = cache as String
            ] in
            setHome(home)
            for address in [url, path, "file://" + path] {
                let repository = try GitRepository(
                    GitRepository.Options(
                        try SourceLocator(address, workingDirectory: "/"),
                        cacheDirectory: cache + "/exit-cache"),
                    client: try HTTPClient())
                let snapshot = try await repository.fetch()
                #expect(snapshot.files.count == 2)
            }
        }
    }
}
