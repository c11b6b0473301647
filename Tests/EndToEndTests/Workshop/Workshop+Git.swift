import Processes
import TestSupport
import Testing

/// The repository.
extension Workshop {
    /// One policy that allows every removal, and the trainers of the tests.
    func makeRepository(from template: String?) async throws {
        folder.makeDirectory("home")
        if let template {
            let copy = try await run(["cp", "-r", template, repository])
            try #require(copy.code == 0, "\(copy.all)")
            return
        }
        folder.makeDirectory("repository")
        try await git("init", "-q", "-b", "main")
        for name in ["stepper.py", "launch"] {
            try await shell(
                "mkdir -p trainer && cp '\(Self.package)/Tests/Trainers/\(name)' trainer/")
        }
        try await commit(ground.manifests)
    }

    /// Writes the files (nil removes one) and commits everything; gives the commit.
    @discardableResult
    func commit(_ files: [String: String?]) async throws -> String {
        for (name, text) in files {
            if let text {
                folder.write("repository/" + name, text)
            } else {
                try FileSystem.remove(folder("repository/" + name))
            }
        }
        try await git("add", "-A")
        try await git("commit", "-q", "--allow-empty", "-m", "Change what is desired")
        return try await git("rev-parse", "HEAD")
    }

    /// Lets the branch stand at a commit that the repository has.
    func move(to commit: String) throws {
        try FileSystem.write(
            Array("\(commit)\n".utf8), to: "\(repository)/.git/refs/heads/main")
    }

    /// Commits one training's manifest.
    @discardableResult
    func declare(_ training: TrainingManifest) async throws -> String {
        var training = training
        training.lines += ground.lines
        return try await commit(["manifests/\(training.name).yaml": training.yaml])
    }

    @discardableResult
    func git(_ arguments: String...) async throws -> String {
        let outcome = try await run(["git"] + arguments, directory: repository)
        try #require(outcome.code == 0, "git \(arguments): \(outcome.all)")
        return outcome.output.trimmed
    }

    /// Runs a line of shell in the repository.
    @discardableResult
    func shell(_ line: String) async throws -> String {
        let outcome = try await run(["bash", "-ec", line], directory: repository)
        try #require(outcome.code == 0, "\(line): \(outcome.all)")
        return outcome.output.trimmed
    }
}

extension String {
    var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
