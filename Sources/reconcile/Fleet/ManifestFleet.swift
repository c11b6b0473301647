import Manifests
import Reconciliation
import Training

/// The desired fleet of a repository: its manifests fetched, decoded and joined with their code.
///
/// Keeps what it parsed by blob id, so that only changed files are read again.
actor ManifestFleet: FleetSource {
    private let source: any ManifestSource
    /// The folder of the manifests as the operator named it: part of the owner.
    private let path: String
    private let provider: Configuration.Provider
    /// The scope that this process reconciles; nil until it is known.
    private var scope: String?
    private var recorded: ScopeRecord.Owner?
    private var isApplying = true
    private var parsed: [String: ManifestDocuments] = [:]
    /// A look that was taken before the loop began, for its first pass.
    private var early: Result<SourceSnapshot, SourceFailure>?
    /// What was fetched last.
    private(set) var latest: FetchedFleet?
    /// Why the last fetch gave nothing.
    private(set) var failure: SourceFailure?

    init(source: any ManifestSource, path: String, provider: Configuration.Provider) {
        self.source = source
        self.path = path
        self.provider = provider
    }

    /// Fetches once before the loop, to learn what the manifests' policy says; nil when they do not
    /// say.
    func declaredPolicy() async -> ScopePolicy? {
        do throws(SourceFailure) {
            let snapshot = try await source.fetch()
            early = .success(snapshot)
            let decoded = try await decode(snapshot)
            return switch decoded.policy {
            case .absent: ScopePolicy()
            case .declared(let policy): policy
            case .unreadable: nil
            }
        } catch {
            early = .failure(error)
            return nil
        }
    }

    /// Why that fetch failed; nil: it did not, or a pass has taken its outcome up.
    var fetchFailure: SourceFailure? {
        if case .failure(let failure) = early { failure } else { nil }
    }

    /// The scope to reconcile, and whose it is as far as that is recorded.
    func adopt(scope: String, of owner: ScopeRecord.Owner?) {
        self.scope = scope
        recorded = owner
    }

    /// Says that nothing of what is fetched next will be applied: any branch may be looked at.
    func prepare(toApply: Bool) {
        isApplying = toApply
    }

    /// A commit without a branch, as CI checks it out, belongs to the branch that the scope
    /// follows already; whether it may be applied is told by its ancestry.
    private func owner(of snapshot: SourceSnapshot) -> ScopeRecord.Owner {
        let own = ScopeRecord.Owner(
            origin: snapshot.origin, ref: snapshot.revision.ref, path: path)
        guard let recorded, recorded.origin == own.origin, recorded.path == own.path,
            own.isDetached || recorded.isDetached || !isApplying
        else { return own }
        return recorded
    }

    func fetch(since applied: Revision?) async throws(SourceFailure) -> FetchedFleet {
        do {
            failure = nil
            return try await look(since: applied)
        } catch {
            failure = error
            throw error
        }
    }

    private func look(since applied: Revision?) async throws(SourceFailure) -> FetchedFleet {
        let snapshot: SourceSnapshot
        if let early {
            self.early = nil
            snapshot = try early.get()
        } else {
            snapshot = try await source.fetch()
        }
        let decoded = try await decode(snapshot)
        let policy = try policy(of: decoded)
        var diagnostics = decoded.diagnostics
        let runs = try await runs(of: decoded, in: snapshot, &diagnostics)
        let fleet = DesiredFleet(
            revision: snapshot.revision, policy: policy, runs: runs,
            profiles: decoded.profiles,
            isIncomplete: decoded.isIncomplete || diagnostics.contains { $0.severity == .error })
        var ancestry = Ancestry.descends
        if let applied {
            ancestry = await source.ancestry(
                of: snapshot.revision.commit, from: applied.commit)
        }
        let fetched = FetchedFleet(
            owner: owner(of: snapshot), fleet: fleet, diagnostics: diagnostics, ancestry: ancestry)
        latest = fetched
        return fetched
    }

    func archive(tree: String, limit: Int) async throws(SourceFailure) -> [UInt8] {
        try await source.archive(tree: tree, limit: limit)
    }

    private func decode(_ snapshot: SourceSnapshot) async throws(SourceFailure) -> DecodedManifests
    {
        let known = Set(parsed.keys)
        let blobs = try await source.manifests(of: snapshot, unless: known)
        for (blob, bytes) in blobs { parsed[blob] = ManifestDocuments.parse(bytes) }
        let current = Set(snapshot.files.map(\.blob))
        parsed = parsed.filter { current.contains($0.key) }
        return ManifestDecoder.merge(
            snapshot.files.compactMap { file in
                parsed[file.blob].map { (path: file.path, documents: $0) }
            })
    }

    /// An unreadable policy keeps the scope, and allows no termination until it can be read.
    private func policy(of decoded: DecodedManifests) throws(SourceFailure) -> ScopePolicy {
        switch decoded.policy {
        case .absent: return ScopePolicy()
        case .declared(let declared): return declared
        case .unreadable:
            guard let scope else {
                throw .refused("the policy cannot be read, so the scope is not known")
            }
            return ScopePolicy(scope: scope, maxTerminations: .count(0))
        }
    }

    private func runs(
        of decoded: DecodedManifests, in snapshot: SourceSnapshot,
        _ diagnostics: inout [Diagnostic]
    ) async throws(SourceFailure) -> [DesiredRun] {
        let known = Dictionary(latest?.fleet.runs.map { ($0.spec.name, $0) } ?? []) {
            first, _ in first
        }
        // The same value as last time where nothing changed: its digests are taken already.
        func desired(_ spec: RunSpec, _ tree: String?) -> DesiredRun {
            if let run = known[spec.name], run.spec == spec, run.sourceTree == tree { return run }
            return DesiredRun(spec: spec, sourceTree: tree)
        }
        var trees: [String: String] = [:]
        var runs: [DesiredRun] = []
        for declared in decoded.runs {
            let limits = provider == .local ? EmbeddedLimit.diagnostics(of: declared) : []
            diagnostics += limits
            if limits.contains(where: { $0.severity == .error }) { continue }
            guard let folder = declared.spec.workdir else {
                runs.append(desired(declared.spec, nil))
                continue
            }
            if trees[folder] == nil {
                trees[folder] = try await source.tree(at: folder, in: snapshot)
            }
            guard let tree = trees[folder] else {
                diagnostics.append(
                    Diagnostic(
                        at: declared.location,
                        "workdir: the commit has no folder \(folder)"))
                continue
            }
            runs.append(desired(declared.spec, tree))
        }
        return runs
    }
}

extension ScopeRecord.Owner {
    /// `HEAD` without a branch, or a commit by its id.
    fileprivate var isDetached: Bool { ref == "HEAD" }
}
