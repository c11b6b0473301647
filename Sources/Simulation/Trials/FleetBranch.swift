import Training

/// The branch of a scenario as its authors have it: every manifest, and the newest commit.
struct FleetBranch: Sendable {
    let policy: ScopePolicy
    let profiles: [String: Profile]
    private var manifests: [RunName: DesiredRun] = [:]
    private var removed: Set<RunName> = []
    private var spoiled: Set<RunName> = []
    private var isEmptied = false
    /// The newest commit, wherever the branch points just now.
    private(set) var tip: String?
    /// What others have pushed over it, and nobody has merged.
    private var strays: [String] = []

    init(policy: ScopePolicy, profiles: [String: Profile]) {
        self.policy = policy
        self.profiles = profiles
    }

    /// Every run that was ever declared.
    var names: Set<RunName> { Set(manifests.keys) }

    /// Commits the first manifests of some runs.
    mutating func declare(_ runs: [PlannedRun], in repository: inout SimulatedRepository) {
        for run in runs {
            manifests[run.spec.name] = DesiredRun(spec: run.spec, sourceTree: run.tree)
        }
        commit(to: &repository)
    }

    /// Does what an edit says.
    mutating func apply(_ change: Edit.Change, to repository: inout SimulatedRepository) {
        switch change {
        case .amend(let run, let amendment):
            manifests[run]?.amend(amendment)
            commit(to: &repository)
        case .remove(let run):
            removed.insert(run)
            commit(to: &repository)
        case .restore(let run):
            removed.remove(run)
            commit(to: &repository)
        case .spoil(let run):
            spoiled.insert(run)
            commit(to: &repository)
        case .mend:
            mend(&repository)
        case .empty:
            isEmptied = true
            commit(to: &repository)
            isEmptied = false
        case .pushBack(let commits, _):
            if let older = ancestor(commits, in: repository) { repository.move(to: older) }
        case .rewrite:
            rewrite(&repository)
        case .outage(let why, _): repository.failure = why.failure
        case .lag(let number, let commits, _):
            repository.lagging[number] = ancestor(commits, in: repository)
        // Not a matter of the repository.
        case .resume: break
        }
    }

    /// What lasted for a while is over.
    func end(_ change: Edit.Change, in repository: inout SimulatedRepository) {
        switch change {
        case .pushBack, .rewrite: if let tip { repository.move(to: tip) }
        case .outage: repository.failure = nil
        case .lag(let number, _, _): repository.lagging[number] = nil
        default: break
        }
    }

    /// Every document is readable again, and the branch at its newest commit, into which all that
    /// was pushed over it is merged: what was applied of that would hold every other revision.
    mutating func mend(_ repository: inout SimulatedRepository) {
        spoiled = []
        commit(to: &repository, merging: strays)
        strays = []
    }

    private mutating func commit(
        to repository: inout SimulatedRepository, merging others: [String] = []
    ) {
        tip = repository.commit(
            desired, policy: policy, profiles: profiles, isIncomplete: !spoiled.isEmpty,
            onto: tip, merging: others)
    }

    /// Somebody's other history, from before the newest commit: half of the runs are missing.
    private mutating func rewrite(_ repository: inout SimulatedRepository) {
        guard let parent = ancestor(1, in: repository) else { return }
        strays.append(
            repository.commit(
                Array(desired.prefix(desired.count / 2)), policy: policy, profiles: profiles,
                onto: parent))
    }

    private func ancestor(_ commits: Int, in repository: SimulatedRepository) -> String? {
        var commit = tip.flatMap { repository[$0] }
        for _ in 0..<commits {
            guard let parent = commit?.parents.first else { break }
            commit = repository[parent]
        }
        return commit?.id == tip ? nil : commit?.id
    }

    private var desired: [DesiredRun] {
        guard !isEmptied else { return [] }
        return manifests.values
            .filter { !removed.contains($0.spec.name) && !spoiled.contains($0.spec.name) }
            .sorted { $0.spec.name < $1.spec.name }
    }
}

extension DesiredRun {
    fileprivate mutating func amend(_ amendment: Edit.Amendment) {
        switch amendment {
        case .keep(let count): spec.checkpoint?.keep = count
        case .grace(let grace): spec.stop.grace = grace
        case .retries(let limit): spec.retries.limit = limit
        case .maxDuration(let limit): spec.maxDuration = limit
        case .environment(let value): spec.envs["VALUE"] = value
        case .market(let market): spec.market = market
        case .generation: spec.generation += 1
        case .resumeFrom(let reference): spec.resumeFrom = reference
        case .code(let tree): if spec.workdir != nil { sourceTree = tree }
        case .state(let state): spec.state = state
        case .suspend(let until):
            spec.suspend = Suspension(
                reason: "a person looks into it", until: until.map { Scenario.start + $0 })
        case .lift: spec.suspend = nil
        }
    }
}

extension Edit.Outage {
    fileprivate var failure: SourceFailure {
        switch self {
        case .unreachable: .unreachable("no route to the host")
        case .authentication: .authentication("the token has expired")
        case .refNotFound: .refNotFound("main")
        case .emptyRepository: .emptyRepository
        case .pathNotFound: .pathNotFound("manifests")
        case .tooLarge: .tooLarge("more than 10,000 files")
        case .refused: .refused("manifests/link.yaml is a symbolic link")
        case .damaged: .damaged("an object is missing")
        }
    }
}

extension Edit.Change {
    /// How long it lasts, where it ends by itself.
    var span: Seconds? {
        switch self {
        case .pushBack(_, let span), .rewrite(let span), .outage(_, let span),
            .lag(_, _, let span):
            span
        default: nil
        }
    }
}
