import Checkpoints
import Local
import TestSupport
import Training

@testable import reconcile

/// A Git repository with manifests and a state of its own, removed at the end.
///
/// The agent is a program that ends at once: these tests look and plan, they launch nothing.
struct Place {
    let directory: TemporaryDirectory
    var repository: String { directory("repository") }
    var state: String { directory("state") }

    init() throws {
        directory = try TemporaryDirectory()
        directory.makeDirectory("repository")
        try git("init", "--quiet", "--initial-branch=main")
    }

    @discardableResult
    func git(_ arguments: String...) throws -> String {
        let environment = [
            "PATH": "/usr/bin:/bin", "HOME": directory.path, "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org",
            "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org",
        ]
        let result = try ToolProcess.run(
            ["git", "-C", repository] + arguments, environment: environment)
        guard result.status == 0 else { throw Failure(output: result.output) }
        return String(result.output.split(separator: "\n").last ?? "")
    }

    struct Failure: Error {
        var output: String
    }

    /// Writes a manifest and commits everything; gives the commit.
    @discardableResult
    func commit(_ name: String, _ text: String) throws -> String {
        directory.write("repository/manifests/\(name)", text)
        try git("add", "--all")
        try git("commit", "--quiet", "--message", name)
        return try git("rev-parse", "HEAD")
    }

    func reconcile(_ arguments: String...) async -> Invocation {
        await Invocation.run(
            arguments,
            environment: [
                "HOME": directory.path, "HOLDFAST_PROVIDER": "local", "HOLDFAST_STATE": state,
                "HOLDFAST_AGENT": "/bin/true",
            ], directory: repository)
    }

    func store() throws -> any ObjectStore {
        try DirectoryStore(path: state + "/store")
    }

    /// Stores what an earlier life of the fleet would have left.
    func seed() async throws {
        let store = try store()
        let records = RecordStore(store, writer: "earlier")
        _ = try await records.swap(
            Fixtures.ledger, at: StoreLayout.ledger(Fixtures.run("resnet")), replacing: nil)
        _ = try await records.swap(
            Fixtures.index, at: StoreLayout.index(Fixtures.run("resnet")), replacing: nil)
        _ = try await records.swap(Fixtures.scope, at: StoreLayout.scope, replacing: nil)
        for (stream, number, text) in [
            ("run", 2, "step 2\n"), ("run", 1, "step 1\n"), ("setup", 1, "installing\n"),
            ("agent", 1, "claimed\n"),
        ] {
            try await store.put(
                StoreLayout.logChunk(
                    Fixtures.run("resnet"), attempt: 2, node: 0, stream: stream, number: number),
                Array(text.utf8), if: .absent)
        }
    }

    func ledger() async throws -> Ledger? {
        let records = RecordStore(try store(), writer: "test")
        let key = StoreLayout.ledger(Fixtures.run("resnet"))
        guard case .record(let found) = try await records.read(Ledger.self, at: key) else {
            return nil
        }
        return found.record
    }
}
