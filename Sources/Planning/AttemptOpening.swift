import Training

/// Opens the next attempt: its number, its start point, its frozen launch.
extension RunSituation {
    func open(because reason: ActionReason) -> Decision {
        guard let desired else { return Decision(isForgotten: true) }
        let spec = desired.spec
        let start = startPoint(spec)
        let machine = stoppedMachine(spec)
        let verb: PlannedAction.Verb =
            machine != nil ? .start : isFresh(start) ? .launch : .resume
        let site = machine == nil ? self.site(for: spec) : .here
        if case .none(let why) = site { return .leave(why) }
        if machine == nil, let launchBar { return .leave(.launchLimit(launchBar)) }
        if let asking = prepare(desired, site, verb, because: reason) { return asking }
        let number = nextNumber
        var attempt = Attempt(
            number: number, generation: spec.generation, digest: desired.digest,
            spec: desired.agentSpec, revision: shared.revision,
            source: desired.sourceTree.flatMap { shared.sources[$0] }, start: start,
            onRemoval: spec.onRemoval, stop: spec.stop, reason: reason.description,
            createdAt: now)
        let effect: Step
        if let machine {
            attempt.launches = [
                Launch(ordinal: 1, request: nil, instance: machine.id, createdAt: now)
            ]
            effect = starting(machine, attempt: number, ordinal: 1)
        } else {
            effect = addLaunch(to: &attempt, desired, at: site)
        }
        var updated = ledger
        if (updated.attempts.last?.generation ?? 0) < spec.generation { updated.trained = 0 }
        updated.attempts.append(attempt)
        let surplus = max(0, updated.attempts.count - Ledger.attemptLimit)
        let history = updated.attempts.prefix(surplus).map { Step.storeHistory($0) }
        updated.attempts.removeFirst(surplus)
        return .act(
            PlannedAction(
                verb, name, attempt: number, instance: machine?.id, because: reason,
                steps: history + [
                    .storeSpec(attempt.spec, spec.forAgent), .updateLedger(updated), effect,
                ], offering: site.offering))
    }

    /// The next offering of an attempt whose last launch was refused.
    func openNext(
        _ refused: Launch, of attempt: Attempt, _ desired: DesiredRun
    ) -> Decision {
        let site = self.site(for: desired.spec)
        if case .none(let why) = site { return .leave(why) }
        if let launchBar { return .leave(.launchLimit(launchBar)) }
        let reason = ActionReason.nextOffering(
            ordinal: refused.ordinal + 1, refusal: refused.refusal?.detail ?? "withdrawn")
        let verb: PlannedAction.Verb = isFresh(attempt.start) ? .launch : .resume
        if let asking = prepare(desired, site, verb, because: reason) { return asking }
        var next = attempt
        let effect = addLaunch(to: &next, desired, at: site)
        let updated = ledgerChanging(attempt) { $0 = next }
        return .act(
            PlannedAction(
                verb, name, attempt: attempt.number, because: reason,
                steps: [.updateLedger(updated), effect], offering: site.offering))
    }

    /// What must be known or stored before a launch can be frozen; nil: nothing is missing.
    private func prepare(
        _ desired: DesiredRun, _ site: Site, _ verb: PlannedAction.Verb,
        because reason: ActionReason
    ) -> Decision? {
        var steps: [Step] = []
        if let tree = desired.sourceTree, shared.sources[tree] == nil {
            steps.append(.archiveSource(tree: tree))
        }
        if case .ask(let queries) = site { steps += queries.map { .resolve($0) } }
        guard !steps.isEmpty else { return nil }
        return .act(
            PlannedAction(verb, name, because: reason, steps: steps, offering: site.offering))
    }

    private func addLaunch(
        to attempt: inout Attempt, _ desired: DesiredRun, at site: Site
    ) -> Step {
        let ordinal = (attempt.launches.last?.ordinal ?? 0) + 1
        let request = freeze(desired, at: site, attempt: attempt.number, ordinal: ordinal)
        attempt.launches.append(
            Launch(
                ordinal: ordinal, request: request, createdAt: now,
                hourly: site.offering?.price))
        return .launch(request, attempt: attempt.number, ordinal: ordinal)
    }

    /// 1 + the greatest number in ledger, index and tags: a lost ledger cannot bring one back.
    private var nextNumber: Int {
        let index = record.index
        let numbers =
            [
                ledger.attempts.last?.number, index?.claim?.attempt,
                index?.checkpoints.last?.id.attempt, index?.reports.last?.attempt,
            ].compactMap { $0 } + instances.compactMap(\.attempt)
        return 1 + (numbers.max() ?? 0)
    }

    private func startPoint(_ spec: RunSpec) -> StartPoint {
        if let request = ledger.operatorResume, let from = request.from,
            request.afterAttempt == ledger.attempts.last?.number
        {
            return StartPoint(.named, checkpoint: CheckpointReference(checkpoint: from))
        }
        if let reference = spec.resumeFrom {
            let asked = Ledger.ConsumedReference(
                generation: spec.generation, reference: reference)
            if ledger.consumedResumeFrom != asked {
                return StartPoint(.named, checkpoint: reference)
            }
        }
        return StartPoint(.newest)
    }

    func isFresh(_ start: StartPoint) -> Bool {
        switch start.kind {
        case .fresh: true
        case .named: false
        case .newest: nextCheckpoint == nil
        }
    }

    /// The run's own stopped machine, when it can be started for the next attempt.
    private func stoppedMachine(_ spec: RunSpec) -> Instance? {
        instances.filter { $0.state == .stopped && serves($0, spec) && hasRoom($0) && isOurs($0) }
            .max { ($0.attempt ?? 0, $0.id) < ($1.attempt ?? 0, $1.id) }
    }

    /// Whether a stopped machine is what the manifest asks for: a changed one may name another
    /// type, image or profile.
    func serves(_ machine: Instance, _ spec: RunSpec) -> Bool {
        guard let attempt = newestAttempt(on: machine) else { return false }
        return spec.admits(machine.market) && desired?.digest.differs(from: attempt.digest) != true
    }

    /// False while its pool rests after a refusal: the next attempt goes elsewhere.
    private func hasRoom(_ machine: Instance) -> Bool {
        let launches = ledger.attempts.flatMap(\.launches)
        guard let launch = launches.last(where: { $0.instance == machine.id }),
            let request = ledger.request(behind: launch)
        else { return true }
        return shared.refused.rest(of: request) == nil
    }

    func starting(_ machine: Instance, attempt: Int, ordinal: Int) -> Step {
        .start(
            machine.id, precondition(for: machine, refusesProtected: false), attempt: attempt,
            ordinal: ordinal)
    }
}

extension RunSpec {
    /// Whether a machine of this market may serve the run.
    func admits(_ market: Market) -> Bool {
        market == self.market || resources.choices.contains { $0.market == market }
            || (market == .onDemand && resources.fallback == .onDemand)
    }
}
