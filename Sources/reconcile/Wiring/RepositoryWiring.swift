import GitSource
import Training
import Transport

/// The repository that an invocation works on.
struct RepositoryWiring: Sendable {
    let surroundings: Surroundings
    let configuration: Configuration

    func open() throws(CommandFailure) -> GitRepository {
        let locator: SourceLocator
        do {
            locator = try SourceLocator(
                try configuration.repository ?? workTree(),
                workingDirectory: surroundings.directory)
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure("\(error)")
        }
        let credential = configuration.git.credential
        let options = GitRepository.Options(
            locator, ref: configuration.ref, path: configuration.path,
            cacheDirectory: StatePlace.gitCache(environment: surroundings.environment),
            credential: { credential })
        do {
            guard case .http = locator.place else {
                return try GitRepository(options, client: nil)
            }
            return try GitRepository(options, client: try HTTPClient())
        } catch let failure as SourceFailure {
            throw CommandFailure(failure)
        } catch {
            throw CommandFailure("\(error)")
        }
    }

    private func workTree() throws(CommandFailure) -> String {
        guard let root = WorkTree.root(above: surroundings.directory) else {
            throw CommandFailure(
                "\(surroundings.directory) is not in a Git repository",
                advice: "change into one, or name it with --repo (or HOLDFAST_REPO)")
        }
        return root
    }
}

extension CommandFailure {
    init(_ failure: SourceFailure) {
        self.init(failure.description, advice: SourceAdvice.text(for: failure))
    }
}

/// What a person can do about a repository that does not answer.
enum SourceAdvice {
    static func text(for failure: SourceFailure) -> String? {
        switch failure {
        case .authentication:
            "set HOLDFAST_GIT_TOKEN, or HOLDFAST_GIT_USERNAME and HOLDFAST_GIT_PASSWORD"
        case .refNotFound: "name a branch, tag or commit with --ref"
        case .pathNotFound: "name the folder of the manifests with --path"
        case .emptyRepository: "commit a manifest first"
        case .unreachable, .tooLarge, .refused, .damaged: nil
        }
    }
}

extension GitCredentials {
    /// A user name with a password or a token is a basic pair; a token alone is a bearer.
    var credential: HTTPCredential? {
        if let username, let secret = password ?? token {
            return .basic(username: username, password: secret)
        }
        if let token { return .bearer(token: token) }
        return password.map { .basic(username: "git", password: $0) }
    }
}
