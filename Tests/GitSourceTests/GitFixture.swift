import GitSource
import TestSupport
import Testing
import Training
import Transport

/// A repository made with the real `git`, free of this machine's configuration.
struct GitFixture {
    let directory: TemporaryDirectory
    /// The work tree's folder below the directory.
    let name: String
    var path: String { directory(name) }

    static let environment = [
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": "/nonexistent",
        "LC_ALL": "C",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.com",
        "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.com",
        "GIT_AUTHOR_DATE": "1767225600 +0000", "GIT_COMMITTER_DATE": "1767225600 +0000",
        "GIT_ALLOW_PROTOCOL": "file:http",
    ]

    init(_ name: String = "repo", in directory: TemporaryDirectory) throws {
        self.directory = directory
        self.name = name
        try GitFixture.git(["init", "-q", "-b", "main", directory(name)])
    }

    @discardableResult
    static func git(_ arguments: [String], input: String = "") throws -> String {
        let result = try ToolProcess.run(
            ["git"] + arguments, environment: environment, input: input)
        try #require(result.status == 0, "git \(arguments): \(result.output)")
        return result.output.trimmed
    }

    @discardableResult
    func git(_ arguments: String..., input: String = "") throws -> String {
        try GitFixture.git(["-C", path] + arguments, input: input)
    }

    func write(_ file: String, _ text: String) {
        directory.write(name + "/" + file, text)
    }

    /// Commits everything; gives the commit's id.
    @discardableResult
    func commit(_ message: String = "change") throws -> String {
        try git("add", "-A")
        try git("commit", "-q", "--allow-empty", "-m", message)
        return try git("rev-parse", "HEAD")
    }

    /// A first commit with two manifests, one of them nested, and a file that is none.
    @discardableResult
    func seed() throws -> String {
        write("manifests/a.yaml", "name: a\n")
        write("manifests/team/deep/b.yml", "name: b\n")
        write("manifests/notes.txt", "no manifest")
        write("code/train.py", "print('hi')\n")
        return try commit("seed")
    }
}

extension String {
    fileprivate var trimmed: String {
        var text = self[...]
        while let last = text.last, last.isNewline { text.removeLast() }
        return String(text)
    }
}

/// What most tests need of a source.
struct SourceUnderTest {
    let repository: GitRepository

    init(
        _ address: String, ref: String? = nil, path: String = "manifests",
        cache: TemporaryDirectory, limits: SourceLimits = SourceLimits(),
        credential: HTTPCredential? = nil
    ) throws {
        let locator = try SourceLocator(address, workingDirectory: "/")
        repository = try GitRepository(
            GitRepository.Options(
                locator, ref: ref, path: path, cacheDirectory: cache("cache"), limits: limits,
                credential: { () throws(SourceFailure) in credential }),
            client: try HTTPClient(trust: TrustAnchors(file: nil, directory: nil)))
    }

    /// Path and text of every manifest at the newest commit.
    func texts() async throws -> [String: String] {
        let snapshot = try await repository.fetch()
        let blobs = try await repository.manifests(of: snapshot, unless: [])
        return Dictionary(
            uniqueKeysWithValues: snapshot.files.map { file in
                (file.path, String(decoding: blobs[file.blob] ?? [], as: UTF8.self))
            })
    }

    func fetchFailure() async -> SourceFailure? {
        do throws(SourceFailure) {
            _ = try await repository.fetch()
            return nil
        } catch {
            return error
        }
    }
}
