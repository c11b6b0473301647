import Testing
import Training

@testable import Planning

/// A small world, valid and converged until a test says otherwise.
struct World {
    static let start = Timestamp(milliseconds: 1_795_000_000_000)
    static let revision = Revision(ref: "main", commit: String(repeating: "a", count: 40))
    static let context = FleetContext(
        scope: "lab", store: StoreIdentity(of: "file:///store"), storeURL: "file:///store",
        regions: ["local"], pace: .local)

    /// Which launches the provider refuses.
    var refusal: @Sendable (CapacityPool) -> Launch.Refusal.Kind? = { _ in nil }
    /// What the regions' default image is now.
    var image = "ami-1"
    var context = World.context
    var desired = DesiredFleet(
        revision: World.revision, policy: ScopePolicy(scope: "lab"), runs: [], isIncomplete: false)
    var observed = Observation(
        at: World.start,
        scope: ScopeRecord(
            scope: "lab", owner: ScopeRecord.Owner(origin: "o", ref: "main", path: "manifests"),
            writer: "w"), regions: ["local"])

    mutating func declare(_ spec: RunSpec, tree: String? = nil) {
        desired.runs.removeAll { $0.spec.name == spec.name }
        desired.runs.append(DesiredRun(spec: spec, sourceTree: tree))
        desired.runs.sort { $0.spec.name < $1.spec.name }
    }

    mutating func pass(_ span: Seconds) {
        observed.at = observed.at + span
    }

    /// Plans, checks what every plan must satisfy, and that order of input does not matter.
    func plan(sourceLocation: Testing.SourceLocation = #_sourceLocation) -> Plan {
        let plan = Planner.plan(desired: desired, observed: observed, context: context)
        var shuffled = observed
        shuffled.instances.reverse()
        var reversed = desired
        reversed.runs.reverse()
        let again = Planner.plan(desired: reversed, observed: shuffled, context: context)
        #expect(plan == again, "stable under shuffled input", sourceLocation: sourceLocation)
        expectInvariants(plan, sourceLocation)
        return plan
    }

    private func expectInvariants(_ plan: Plan, _ location: Testing.SourceLocation) {
        let opening = plan.actions.filter(\.opensAttempt).map(\.run)
        #expect(Set(opening).count == opening.count, "one launch a run", sourceLocation: location)
        for action in plan.actions + plan.blocked {
            #expect(!action.reason.description.isEmpty, sourceLocation: location)
            #expect(!action.steps.isEmpty, sourceLocation: location)
        }
        let touched = Set(plan.actions.flatMap(\.steps).compactMap(\.endedInstance))
        for id in touched {
            let instance = observed.instances.first { $0.id == id }
            #expect(
                instance?.isProtected == false && instance?.tags[Tag.scope] == "lab",
                "only our own unprotected machines end", sourceLocation: location)
        }
        let inTheDark = plan.actions.filter { action in
            let launches = observed.runs[action.run]?.ledger?.openAttempt?.launches ?? []
            let regions = context.cloud == nil ? context.regions : []
            return (regions + launches.compactMap { $0.request?.region }).contains {
                observed.unknownRegions[$0] != nil
            }
        }
        #expect(inTheDark.isEmpty, "no action on a partial look", sourceLocation: location)
    }

    // MARK: The world's side of each step

    /// Lets every step of the plan take effect, as the runner and the provider would.
    mutating func apply(_ plan: Plan) {
        if let scope = plan.scopeUpdate { observed.scope = scope }
        for action in plan.actions {
            for step in action.steps { apply(step, of: action.run) }
        }
    }

    private mutating func apply(_ step: Step, of run: RunName) {
        switch step {
        case .archiveSource(let tree):
            observed.sources[tree] = SourceArchive(
                tree: tree, key: "sources/\(tree)", sha256: Digest(of: tree), size: 1)
        case .storeSpec, .storeHistory, .deleteCheckpoint: break
        case .resolve(let query):
            observed.placements[query] = ObservedPlacement(
                offers(query).map { .placement($0) } ?? .impossible("nothing"), at: observed.at)
        case .readConsole(let id, _): observed.consoles[id] = "Kernel panic"
        case .updateLedger(var ledger):
            ledger.serial += 1
            let token = ledger.openAttempt?.launches.last?.request?.clientToken
            let known = observed.runs[run]?.ledger?.openAttempt?.launches.last?.request
            if let token, known?.clientToken != token { observed.unsentTokens.insert(token) }
            observed.runs[run, default: ObservedRun()].ledger = ledger
        case .launch(let request, let attempt, let ordinal):
            observed.unsentTokens.remove(request.clientToken)
            if let kind = request.pool.flatMap(refusal) {
                refuse(run, attempt, kind)
                return
            }
            let id = InstanceID("i-\(run)-\(attempt)-\(ordinal)")
            guard !observed.instances.contains(where: { $0.id == id }) else { return }
            observed.instances.append(
                Instance(
                    id: id, state: .running, market: request.market, region: request.region,
                    clientToken: request.clientToken, tags: request.tags,
                    launchedAt: observed.at))
        case .start(let id, _, let attempt, _):
            let launches = observed.runs[run]?.ledger?.attempts.flatMap(\.launches) ?? []
            let pool = launches.lazy.filter { $0.instance == id }.compactMap(\.request?.pool).first
            if let kind = pool.flatMap(refusal) {
                refuse(run, attempt, kind)
            } else {
                set(id, .running)
            }
        case .stop(let id, _): set(id, .stopped, "Client.UserInitiatedShutdown")
        case .terminate(let id, _): set(id, .terminated, "Client.UserInitiatedShutdown")
        }
    }

    /// As the runner records the answer.
    private mutating func refuse(_ run: RunName, _ attempt: Int, _ kind: Launch.Refusal.Kind) {
        guard var ledger = observed.runs[run]?.ledger,
            let position = ledger.attempts.firstIndex(where: { $0.number == attempt }),
            var launch = ledger.attempts[position].launches.popLast()
        else { return }
        launch.refusal = Launch.Refusal(kind: kind, detail: kind.rawValue, at: observed.at)
        if !launch.wasUnanswered { launch.close() }
        ledger.attempts[position].launches.append(launch)
        observed.runs[run]?.ledger = ledger
    }

    mutating func set(_ id: InstanceID, _ state: Instance.State, _ reason: String = "") {
        for position in observed.instances.indices where observed.instances[position].id == id {
            observed.instances[position].state = state
            observed.instances[position].stateReason = reason
        }
    }

    /// The process that opens the attempts of this plan dies before it sends their launches.
    mutating func freeze() {
        var plan = plan()
        for position in plan.actions.indices {
            plan.actions[position].steps.removeAll { step in
                if case .launch = step { true } else { false }
            }
        }
        apply(plan)
    }

    /// Applies plans until nothing is left to do at once; at most 20 rounds.
    mutating func settle(sourceLocation: Testing.SourceLocation = #_sourceLocation) {
        for _ in 0..<20 {
            let plan = plan(sourceLocation: sourceLocation)
            if plan.actions.isEmpty { return }
            apply(plan)
        }
        Issue.record("no end of actions after 20 rounds", sourceLocation: sourceLocation)
    }

    // MARK: The agent's side

    /// The newest attempt's agent claims the run and trains.
    mutating func train(_ run: RunName, step: Int? = nil) {
        guard let attempt = observed.runs[run]?.ledger?.openAttempt else { return }
        let machine = observed.instances.last { $0.run == run && $0.state == .running }
        var index = observed.runs[run]?.index ?? RunIndex(run: run, writer: "agent")
        index.claim = Claim(
            attempt: attempt.number, ordinal: attempt.launches.last?.ordinal ?? 1,
            instance: machine?.id ?? InstanceID("i-unknown"), boot: "b", nonce: "n",
            at: observed.at)
        var report = AttemptReport(
            attempt: attempt.number, phase: .training, since: observed.at)
        report.step = step
        index.reports.removeAll { $0.attempt == attempt.number }
        index.reports.append(report)
        observed.runs[run]?.index = index
        beat(run)
    }

    mutating func beat(_ run: RunName) {
        guard let attempt = observed.runs[run]?.ledger?.attempts.last?.number else { return }
        observed.runs[run]?.heartbeats[attempt] = ObservedHeartbeat(at: observed.at, body: nil)
    }

    mutating func commit(_ run: RunName, _ id: CheckpointID, parent: CheckpointID? = nil) {
        guard let attempt = observed.runs[run]?.ledger?.attempt(id.attempt) else { return }
        observed.runs[run]?.index?.checkpoints.append(
            IndexedCheckpoint(
                id: id, generation: attempt.generation, digest: attempt.digest, step: 1,
                parent: parent, size: 1, committedAt: observed.at))
    }

    /// The agent's last word.
    mutating func release(_ run: RunName, _ outcome: Outcome, detail: String = "said so") {
        guard let attempt = observed.runs[run]?.ledger?.attempts.last,
            var report = observed.runs[run]?.index?.report(of: attempt.number)
        else { return }
        report.phase = .ended
        report.released = true
        report.outcome = outcome
        report.detail = detail
        report.acknowledged = attempt.intent?.id
        observed.runs[run]?.index?.reports.removeAll { $0.attempt == attempt.number }
        observed.runs[run]?.index?.reports.append(report)
    }

    func ledger(_ run: RunName) -> Ledger? { observed.runs[run]?.ledger }

    func machine(_ run: RunName) -> Instance? {
        observed.instances.last { $0.run == run }
    }

    /// One run that has launched, claimed and trains.
    static func training(_ spec: RunSpec = .fixture()) -> World {
        var world = World()
        world.declare(spec)
        world.settle()
        world.train(spec.name)
        return world
    }
}

extension Step {
    var endedInstance: InstanceID? {
        switch self {
        case .stop(let id, _), .terminate(let id, _): id
        default: nil
        }
    }
}

extension RunName {
    static func fixture(_ text: String = "demo") -> RunName {
        guard let name = RunName(text) else { preconditionFailure("not a DNS label: \(text)") }
        return name
    }
}

extension RunSpec {
    static func fixture(
        _ name: String = "demo", _ change: (inout RunSpec) -> Void = { _ in }
    ) -> RunSpec {
        var spec = RunSpec(
            name: .fixture(name), run: "python train.py",
            resume: "python train.py --resume {checkpoint}",
            checkpoint: CheckpointPolicy(path: "checkpoints/*"))
        change(&spec)
        return spec
    }
}

extension Plan {
    var verbs: [PlannedAction.Verb] { visibleActions.map(\.verb) }

    func reason(_ run: RunName = .fixture()) -> InactionReason? {
        inactions.first { $0.run == run }?.reason
    }
}
