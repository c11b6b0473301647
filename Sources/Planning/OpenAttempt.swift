import Training

/// Decisions about a run whose newest attempt is open.
extension RunSituation {
    func decide(open attempt: Attempt) -> Decision {
        guard let launch = attempt.launches.last else {
            return .leave(.unknown("the ledger names no launch of attempt \(attempt.number)"))
        }
        if launch.isClosed, let desired { return openNext(launch, of: attempt, desired) }
        // An open launch is finished verbatim before anything new is planned.
        if let sending = send(launch, of: attempt) { return sending }
        if let end = wantedEnd { return decide(end, of: attempt) }
        if let silent = decideSilence(of: attempt, launch) { return silent }
        guard let machine = machine(of: launch) else {
            return .leave(.machineMissing(since: launch.missingSince))
        }
        guard claimedAttempt == attempt.number else {
            return decideUnclaimed(attempt, launch, on: machine)
        }
        if let intent = attempt.intent, intent.verb.drains {
            return drain(
                attempt, .relaunch, intent.verb, because: .specChanged, isFused: true)
        }
        return decideChange(of: attempt)
    }

    private func decide(_ end: WantedEnd, of attempt: Attempt) -> Decision {
        if end.reason == .removed, let bar = shared.pruneBar { return .leave(bar) }
        let canStop = attempt.openLaunch?.request?.market.canStop ?? true
        switch end.policy {
        case .orphan:
            return .leave(.orphaned)
        case .stop where canStop:
            return drain(
                attempt, .stop, .drainThenStop, because: end.reason,
                isFused: end.reason == .removed)
        case .stop:
            return drain(
                attempt, .stop, .drainThenTerminate, because: end.reason,
                isFused: end.reason == .removed)
        case .terminate:
            return drain(
                attempt, .terminate, .drainThenTerminate, because: end.reason,
                isFused: end.reason == .removed)
        }
    }

    /// Sends an unanswered launch again, or starts the stopped machine; nil once there is one.
    private func send(_ launch: Launch, of attempt: Attempt) -> Decision? {
        guard let request = launch.request else {
            guard let machine = machine(of: launch), machine.state == .stopped else { return nil }
            guard isOurs(machine) else { return .leave(.retagged(machine.id)) }
            return .act(
                PlannedAction(
                    .start, name, attempt: attempt.number, instance: machine.id,
                    because: .openLaunch(ordinal: launch.ordinal),
                    steps: [starting(machine, attempt: attempt.number, ordinal: launch.ordinal)]))
        }
        guard launch.instance == nil else { return nil }
        if let refusal = launch.refusal {
            return .leave(.launchInDoubt(until: refusal.at + RunSituation.visibilityDelay))
        }
        var steps: [Step] = []
        if !launch.wasUnanswered && !shared.unsentTokens.contains(request.clientToken) {
            // Another process froze it and may have sent it: from now on only strong evidence
            // closes it.
            steps.append(
                .updateLedger(
                    ledgerChanging(attempt) {
                        $0.launches[$0.launches.count - 1].wasUnanswered = true
                    }))
        }
        steps.append(.launch(request, attempt: attempt.number, ordinal: launch.ordinal))
        let verb: PlannedAction.Verb = isFresh(attempt.start) ? .launch : .resume
        return .act(
            PlannedAction(
                verb, name, attempt: attempt.number,
                because: .openLaunch(ordinal: launch.ordinal), steps: steps))
    }

    private func decideUnclaimed(
        _ attempt: Attempt, _ launch: Launch, on machine: Instance
    ) -> Decision {
        let heartbeat = record.heartbeats[attempt.number]
        let isWaiting =
            heartbeat?.body?.phase == .waiting
            && now.since(heartbeat?.at ?? now) <= RunSituation.silenceLimit
        // A launch may be answered long after it was frozen; EC2 dates each start anew.
        let up = max(launch.createdAt, machine.launchedAt)
        guard !isWaiting, now.since(up) > RunSituation.claimLimit else {
            return .leave(.starting)
        }
        if let bar = bar(on: machine) { return .leave(bar) }
        if machine.state.isEnding { return .leave(.ending) }
        return .act(endUnclaimed(machine, attempt, launch))
    }

    /// Gives up a machine that never claimed its run: its console is kept in the ledger with the
    /// intent, and it is terminated once a later look still shows no claim.
    ///
    /// An agent that claims meanwhile reads the intent after its claim, and starts nothing.
    private func endUnclaimed(
        _ machine: Instance, _ attempt: Attempt, _ launch: Launch
    ) -> PlannedAction {
        if let intent = attempt.intent, intent.verb.drains {
            return end(machine, attempt, because: .neverClaimed)
        }
        let console = shared.consoles[machine.id]
        var action = order(
            attempt, .terminate, .drainThenTerminate, machine, because: .neverClaimed,
            isFused: false
        ) {
            if let console { $0.launches[$0.launches.count - 1].console = console }
        }
        if context.cloud != nil, launch.console == nil, console == nil {
            action.steps = [.readConsole(machine.id, region: machine.region)]
        }
        return action
    }

    /// A silent heartbeat is not a dead trainer: hold when many are silent at once, else report,
    /// and after the gate's limit do as `stop.on_timeout` says.
    private func decideSilence(of attempt: Attempt, _ launch: Launch) -> Decision? {
        guard let since = record.silence(of: attempt.number, at: now),
            let machine = machine(of: launch)
        else { return nil }
        if let runs = shared.sensorFailure { return .leave(.silentSensor(runs: runs)) }
        let policy = stopPolicy(of: attempt)
        let limit =
            since + RunSituation.silenceLimit + policy.grace + RunSituation.drainAllowance
        if now < limit { return .leave(.silent(since: since)) }
        if let bar = bar(on: machine) { return .leave(bar) }
        if machine.state.isEnding { return .leave(.ending) }
        if policy.onTimeout == .hold { return .leave(.gateHeld(since: limit)) }
        return .act(end(machine, attempt, because: .silent(since: since), isFused: true))
    }

    /// What a changed manifest or changed code does to a living attempt.
    private func decideChange(of attempt: Attempt) -> Decision {
        guard let desired else { return .leave(inSync(attempt)) }
        let spec = desired.spec
        let specChanged = desired.digest.differs(from: attempt.digest) ?? false
        let codeChanged = desired.sourceTree != attempt.source?.tree
        if specChanged || codeChanged {
            let policy = spec.onChange ?? (specChanged ? .relaunch : .nextAttempt)
            switch policy {
            case .relaunch:
                return drain(
                    attempt, .relaunch, .drainThenTerminate,
                    because: specChanged ? .specChanged : .codeChanged, isFused: true)
            case .nextAttempt: return .leave(.waitsForNextAttempt)
            case .hold: return .leave(.changeHeld)
            }
        }
        let wanted = desired.agentSpec
        guard (attempt.intent?.spec ?? attempt.spec) != wanted else {
            return .leave(inSync(attempt))
        }
        let intent = Intent(
            id: nextIntentID(attempt), verb: .reconfigure, deadline: nil, spec: wanted,
            reason: ActionReason.liveFieldsChanged.code)
        let updated = ledgerChanging(attempt) {
            $0.intent = intent
            $0.onRemoval = spec.onRemoval
            $0.stop = spec.stop
        }
        return .act(
            PlannedAction(
                .reconfigure, name, attempt: attempt.number, because: .liveFieldsChanged,
                steps: [.storeSpec(wanted, spec.forAgent), .updateLedger(updated)]))
    }

    /// All is as declared; its agent may still have something to say.
    private func inSync(_ attempt: Attempt) -> InactionReason {
        let heartbeat = record.heartbeats[attempt.number]?.body
        return heartbeat?.blindness.map { .blind(String($0.prefix(200))) }
            ?? heartbeat?.scanFailure.map { .unsaved(String($0.prefix(200))) } ?? .inSync
    }
}
