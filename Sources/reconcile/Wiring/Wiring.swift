import AWS
import Checkpoints
import GitSource
import Glibc
import Local
import Planning
import Training

/// Where the ports meet their adapters: the only place that knows which ones there are.
struct Wiring: Sendable {
    private let surroundings: Surroundings
    private let configuration: Configuration

    init(_ workplace: Workplace) {
        surroundings = workplace.surroundings
        configuration = workplace.configuration
    }

    // MARK: For commands

    /// Everything that reconciling or planning needs; the provider must be chosen.
    func session() async throws(CommandFailure) -> FleetSession {
        let provider = try configuration.chosenProvider()
        let repository = try repositoryWiring.open()
        let manifests = ManifestFleet(
            source: repository, path: configuration.path, provider: provider)
        let declared = await manifests.declaredPolicy()
        switch provider {
        case .local:
            let local = LocalPlace(
                place: try await statePlace(repository), configuration: configuration)
            return try await session(
                manifests, declared, try local.records(writer: writer()),
                providers: try local.provider()
            ) {
                $0.regions = [LocalPlace.region]
                $0.pace = .local
            }
        case .ec2:
            let cloud = try cloudPlace()
            let agent = try AgentProgram(path: configuration.agent)
            let records = try cloud.records(
                at: try await bucket(declared, by: manifests), region: declared?.stateRegion,
                writer: writer())
            var session = try await session(
                manifests, declared, records, providers: cloud.providers
            ) {
                $0.cloud = CloudContext(agent: agent.sha256, defaultRegion: cloud.region)
            }
            session.agent = agent
            return session
        }
    }

    /// What `reconcile doctor` finds where the manifests are to run.
    func findings() async throws(CommandFailure) -> [DoctorFinding] {
        let provider = try configuration.chosenProvider()
        let manifests = ManifestFleet(
            source: try repositoryWiring.open(), path: configuration.path, provider: provider)
        guard provider == .ec2 else {
            return await Examination.localFindings(manifests, agentPath: configuration.agent)
        }
        var state: S3Location?
        if case .bucket(let location) = configuration.state { state = location }
        return await Examination(
            cloud: try cloudPlace(), manifests: manifests, state: state,
            agentPath: configuration.agent
        ).findings()
    }

    /// The records alone: for commands that read or change single ones.
    func recordReader() async throws(CommandFailure) -> RecordReader {
        if case .bucket(let location) = configuration.state {
            // No manifest needs to be read.
            let records = try cloudPlace().records(at: location, region: nil, writer: writer())
            return RecordReader(records: records.store)
        }
        guard configuration.provider == .ec2 else {
            let local = try await existingPlace()
            return RecordReader(records: try local.records(writer: writer()).store)
        }
        let manifests = ManifestFleet(
            source: try repositoryWiring.open(), path: configuration.path, provider: .ec2)
        let declared = await manifests.declaredPolicy()
        let records = try cloudPlace().records(
            at: try await bucket(declared, by: manifests), region: declared?.stateRegion,
            writer: writer())
        return RecordReader(records: records.store)
    }

    /// The machines of the embedded provider.
    func localProvider() async throws(CommandFailure) -> LocalProvider {
        try await existingPlace().provider()
    }

    /// The files that are named, or else all: with a repository or a revision those of that commit,
    /// otherwise as they lie in the work tree.
    func manifests(
        _ files: [String], of source: SourceOptions
    ) async throws(CommandFailure) -> [ManifestFiles.File] {
        if files.isEmpty, source.repo != nil || source.ref != nil {
            return try await committedManifests()
        }
        return try ManifestFiles.read(files, orFolder: configuration.path, in: surroundings)
    }

    /// What machines cost on demand.
    func prices() throws(CommandFailure) -> PriceTable {
        try CloudPlace.prices(configuration.prices)
    }

    /// The region of the AWS configuration; nil where there is none that can be read.
    var usualRegion: String? {
        (try? SharedConfiguration(environment: surroundings.environment))?.region
    }

    /// The manifests of the commit that is wanted.
    private func committedManifests() async throws(CommandFailure) -> [ManifestFiles.File] {
        let repository = try repositoryWiring.open()
        do {
            let snapshot = try await repository.fetch()
            let blobs = try await repository.manifests(of: snapshot, unless: [])
            return snapshot.files.compactMap { file in
                blobs[file.blob].map { (path: file.path, bytes: $0) }
            }
        } catch {
            throw CommandFailure(error)
        }
    }

    // MARK: Parts

    private func cloudPlace() throws(CommandFailure) -> CloudPlace {
        try CloudPlace(environment: surroundings.environment, prices: configuration.prices)
    }

    private var repositoryWiring: RepositoryWiring {
        RepositoryWiring(surroundings: surroundings, configuration: configuration)
    }

    private func session(
        _ manifests: ManifestFleet, _ declared: ScopePolicy?, _ records: OpenRecords,
        providers: any InstanceProviders, _ adjust: (inout FleetContext) -> Void
    ) async throws(CommandFailure) -> FleetSession {
        let record = try await RecordReader(records: records.store).scope()
        let scope = record?.scope ?? declared?.scope ?? ScopePolicy().scope
        await manifests.adopt(scope: scope, of: record?.owner)
        var context = FleetContext(
            scope: scope, store: records.store.store.identity, storeURL: records.url,
            storeRegion: records.region, regions: [], pace: .remote)
        adjust(&context)
        return FleetSession(
            manifests: manifests, records: records.store, providers: providers,
            context: context, seed: UInt64.random(in: 0...UInt64.max))
    }

    /// The bucket that the operator names, or else the policy.
    private func bucket(
        _ declared: ScopePolicy?, by manifests: ManifestFleet
    ) async throws(CommandFailure) -> S3Location {
        switch configuration.state {
        case .bucket(let location): return location
        case .folder(let path):
            throw CommandFailure(
                "--state \(path) is a folder, but EC2 needs a bucket",
                advice: "name it as s3://bucket/prefix")
        case nil: break
        }
        if let location = declared?.state { return location }
        if let failure = await manifests.fetchFailure {
            let cure = SourceAdvice.text(for: failure).map { $0 + "; " } ?? ""
            throw CommandFailure(
                failure.description,
                advice: cure + "to go on from what was applied last, name the bucket with "
                    + "--state s3://…")
        }
        throw CommandFailure(
            "no bucket is named for ledgers and checkpoints",
            advice: declared == nil
                ? "the policy cannot be read: mend it, or name the bucket with --state s3://…"
                : "add `state: s3://bucket/prefix` to the document `kind: policy`; "
                    + "`reconcile init aws` writes one")
    }

    private func statePlace(
        _ repository: GitRepository
    ) async throws(CommandFailure) -> StatePlace {
        switch configuration.state {
        case .folder(let path): return StatePlace(path: path)
        case .bucket(let location):
            throw CommandFailure(
                "--state \(location) is a bucket, but the embedded provider needs a folder")
        case nil: break
        }
        do {
            return StatePlace.standard(
                origin: try await repository.origin(), environment: surroundings.environment)
        } catch {
            throw CommandFailure(error)
        }
    }

    /// The state of earlier passes; looking must not make an empty one.
    private func existingPlace() async throws(CommandFailure) -> LocalPlace {
        let place: StatePlace
        if case .folder(let path) = configuration.state {
            place = StatePlace(path: path)
        } else {
            place = try await statePlace(try repositoryWiring.open())
        }
        return try LocalPlace(place: place, configuration: configuration).existing()
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
}
