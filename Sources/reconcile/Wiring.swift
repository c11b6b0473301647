import Checkpoints
import GitSource
import Glibc
import Local
import Planning
import Training
import Transport

/// Where the ports meet their adapters: the only place that knows which ones there are.
struct Wiring: Sendable {
    /// Where the embedded provider's machines are.
    static let region = "local"

    private let surroundings: Surroundings
    private let configuration: Configuration

    init(_ workplace: Workplace) {
        surroundings = workplace.surroundings
        configuration = workplace.configuration
    }

    // MARK: For commands

    /// Everything that reconciling or planning needs; the provider must be chosen.
    func session() async throws(CommandFailure) -> FleetSession {
        let chosen = try configuration.chosenProvider()
        let repository = try repository()
        let place = try await statePlace(repository)
        let records = try records(in: place)
        let reader = RecordReader(records: records.store)
        let manifests = ManifestFleet(
            source: repository, path: configuration.path, provider: chosen)
        let declared = await manifests.declaredScope()
        let record = try await reader.scope()
        let scope = record?.scope ?? declared ?? ScopePolicy().scope
        await manifests.adopt(scope: scope, of: record?.owner)
        let context = FleetContext(
            scope: scope, store: records.store.store.identity,
            storeURL: "file://" + records.location, regions: [Self.region], pace: .local)
        return FleetSession(
            manifests: manifests, records: records.store, providers: try provider(in: place),
            context: context, seed: UInt64.random(in: 0...UInt64.max))
    }

    /// The records alone: for commands that read or change single ones.
    func recordReader() async throws(CommandFailure) -> RecordReader {
        let place = try await existingPlace()
        return RecordReader(records: try records(in: place).store)
    }

    /// The machines of the embedded provider.
    func localProvider() async throws(CommandFailure) -> LocalProvider {
        try provider(in: try await existingPlace())
    }

    /// The manifests of the commit that is wanted.
    func committedManifests() async throws(CommandFailure) -> [ManifestFiles.File] {
        let repository = try repository()
        do {
            let snapshot = try await repository.fetch()
            let blobs = try await repository.manifests(of: snapshot, unless: [])
            return snapshot.files.compactMap { file in
                blobs[file.blob].map { (path: file.path, bytes: $0) }
            }
        } catch {
            throw failure(error)
        }
    }

    // MARK: Parts

    private struct OpenRecords {
        var store: RecordStore
        var location: String
    }

    private func repository() throws(CommandFailure) -> GitRepository {
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
            throw self.failure(failure)
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

    private func statePlace(_ repository: GitRepository) async throws(CommandFailure) -> StatePlace
    {
        if let path = configuration.state { return StatePlace(path: path) }
        do {
            return StatePlace.standard(
                origin: try await repository.origin(), environment: surroundings.environment)
        } catch {
            throw failure(error)
        }
    }

    /// The state of earlier passes; looking must not make an empty one.
    private func existingPlace() async throws(CommandFailure) -> StatePlace {
        let place: StatePlace
        if let path = configuration.state {
            place = StatePlace(path: path)
        } else {
            place = try await statePlace(try repository())
        }
        guard access(place.path, F_OK) == 0 else {
            throw CommandFailure(
                "nothing was reconciled here yet: \(place.path) does not exist",
                advice: "`reconcile --once --provider local` makes it; "
                    + "or name another one with --state")
        }
        return place
    }

    private func records(in place: StatePlace) throws(CommandFailure) -> OpenRecords {
        do {
            let store = try DirectoryStore(path: place.store)
            return OpenRecords(
                store: RecordStore(store, writer: writer()), location: store.path)
        } catch {
            throw CommandFailure(
                "\(place.store): \(error)", advice: "another folder is named with --state")
        }
    }

    private func provider(in place: StatePlace) throws(CommandFailure) -> LocalProvider {
        guard access(configuration.agent, X_OK) == 0 else {
            throw CommandFailure(
                "\(configuration.agent) cannot be run: the agent is missing",
                advice: "build it with `swift build`, or name it with --agent")
        }
        do {
            return try LocalProvider(state: place.path, agent: configuration.agent)
        } catch {
            throw CommandFailure("\(place.path): \(error)")
        }
    }

    /// Names this life of this process: host, process and a random part.
    private func writer() -> String {
        var name = [UInt8](repeating: 0, count: 256)
        let isNamed = name.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { text in
                text.baseAddress.map { gethostname($0, 255) == 0 } ?? false
            }
        }
        let host = isNamed ? String(decoding: name.prefix { $0 != 0 }, as: UTF8.self) : "unknown"
        return "\(host)/\(getpid())/\(String(UInt64.random(in: 0...UInt64.max), radix: 16))"
    }

    private func failure(_ failure: SourceFailure) -> CommandFailure {
        CommandFailure(failure.description, advice: SourceAdvice.text(for: failure))
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
