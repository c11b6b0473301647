package import Training

/// Opens the next attempt: its number, its start point, its frozen launch.
extension RunSituation {
    func open(because reason: ActionReason) -> Decision {
        guard let desired else { return Decision(isForgotten: true) }
        let spec = desired.spec
        let start = startPoint(spec)
        let machine = stoppedMachine(spec)
        let verb: PlannedAction.Verb =
            machine != nil ? .start : isFresh(start) ? .launch : .resume
        if let tree = desired.sourceTree, sources[tree] == nil {
            return .act(
                PlannedAction(verb, name, because: reason, steps: [.archiveSource(tree: tree)]))
        }
        let number = nextNumber
        var attempt = Attempt(
            number: number, generation: spec.generation, digest: SpecDigest(of: spec),
            spec: spec.forAgent.reference, revision: revision,
            source: desired.sourceTree.flatMap { sources[$0] }, start: start,
            onRemoval: spec.onRemoval, stop: spec.stop, reason: reason.description,
            createdAt: now)
        let effect: Step
        if let machine {
            attempt.launches = [
                Launch(ordinal: 1, request: nil, instance: machine.id, createdAt: now)
            ]
            effect = .start(machine.id, precondition(for: machine, refusesProtected: false))
        } else {
            let request = freeze(spec, attempt: number, ordinal: 1)
            attempt.launches = [Launch(ordinal: 1, request: request, createdAt: now)]
            effect = .launch(request, attempt: number, ordinal: 1)
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
                ]))
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
        instances.filter { $0.state == .stopped && $0.market == spec.market }
            .max { ($0.attempt ?? 0, $0.id) < ($1.attempt ?? 0, $1.id) }
    }

    /// The exact request for one machine.
    ///
    /// Nothing in it depends on time or on the process.
    private func freeze(_ spec: RunSpec, attempt: Int, ordinal: Int) -> LaunchRequest {
        let configuration = AgentConfiguration(
            scope: context.scope, store: context.store, storeURL: context.storeURL, run: name,
            attempt: attempt, ordinal: ordinal, pace: context.pace)
        let stopsItself = spec.onCompletion == .stop && spec.market.canStop
        var request = LaunchRequest(
            clientToken: "", region: context.region, market: spec.market,
            shutdownBehavior: stopsItself ? .stop : .terminate,
            tags: [
                Tag.scope: context.scope, Tag.store: context.store.text, Tag.run: name.text,
                Tag.attempt: "\(attempt)", Tag.ordinal: "\(ordinal)",
                Tag.digest: SpecDigest(of: spec).text, Tag.revision: revision.commit,
                Tag.name: "\(context.scope)/\(name)",
            ],
            userData: String(decoding: CanonicalJSON.encode(configuration), as: UTF8.self))
        request.clientToken = ClientToken.derive(
            scope: context.scope, store: context.store, run: name, attempt: attempt,
            ordinal: ordinal, node: 0, request: Digest(of: CanonicalJSON.encode(request)))
        return request
    }
}

extension RunSpec {
    /// The spec with all that only the control plane reads set to its default, so that a change of
    /// those fields does not reach the agent.
    package var forAgent: RunSpec {
        var spec = self
        spec.state = .running
        spec.labels = [:]
        spec.suspend = nil
        spec.onChange = nil
        spec.onRemoval = .terminate
        spec.retries = RetryPolicy()
        spec.interruption = .resume
        return spec
    }

    /// Where the spec's bytes stand in the store.
    package var reference: StoredReference {
        let digest = Digest(of: CanonicalJSON.encode(self))
        return StoredReference(key: StoreLayout.spec(name, digest), sha256: digest)
    }
}
