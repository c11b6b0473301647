import Training

/// The road to the gate: an intent in the ledger, the agent's acknowledgement, or a time limit.
extension RunSituation {
    /// Ends the open attempt's machine as `policy` says.
    ///
    /// `isFused` for what costs a living machine without the run's own end being declared.
    func drain(
        _ attempt: Attempt, _ verb: PlannedAction.Verb, _ intentVerb: Intent.Verb,
        because reason: ActionReason, isFused: Bool
    ) -> Decision {
        let machine = attempt.launches.last.flatMap { self.machine(of: $0) }
        if let machine, let bar = bar(on: machine) { return .leave(bar) }
        guard let intent = attempt.intent, intent.verb.drains, let deadline = intent.deadline
        else {
            return .act(
                order(attempt, verb, intentVerb, machine, because: reason, isFused: isFused))
        }
        if now < deadline { return .leave(.draining(intent: intent.id, until: deadline)) }
        guard let machine, !machine.state.hasEnded else { return .leave(.ending) }
        if machine.state.isEnding { return .leave(.ending) }
        let isTrivial = claimedAttempt != attempt.number
        if !isTrivial && stopPolicy(of: attempt).onTimeout == .hold {
            return .leave(.gateHeld(since: deadline))
        }
        return .act(end(machine, attempt, because: .gateTimeLimit(since: deadline)))
    }

    /// The stop policy that holds now: the manifest's while there is one.
    func stopPolicy(of attempt: Attempt) -> StopPolicy { spec?.stop ?? attempt.stop }

    /// Writes the drain intent: from here on nobody is signalled twice.
    ///
    /// `change` is what the ledger takes up with it.
    func order(
        _ attempt: Attempt, _ verb: PlannedAction.Verb, _ intentVerb: Intent.Verb,
        _ machine: Instance?, because reason: ActionReason, isFused: Bool,
        _ change: (inout Attempt) -> Void = { _ in }
    ) -> PlannedAction {
        let limit = stopPolicy(of: attempt).grace + RunSituation.drainAllowance
        let intent = Intent(
            id: nextIntentID(attempt), verb: intentVerb, deadline: now + limit,
            spec: attempt.intent?.spec ?? attempt.spec, reason: reason.code)
        let updated = ledgerChanging(attempt) {
            $0.intent = intent
            change(&$0)
        }
        return PlannedAction(
            verb, name, attempt: attempt.number, instance: machine?.id, because: reason,
            steps: [.updateLedger(updated)], isFused: isFused)
    }

    /// Unlike every intent before it: attempt and a count.
    func nextIntentID(_ attempt: Attempt) -> String {
        let last = attempt.intent?.id.split(separator: "-").last.flatMap { Int($0) } ?? 0
        return "\(attempt.number)-\(last + 1)"
    }

    /// Terminates a machine past its gate.
    func end(
        _ machine: Instance, _ attempt: Attempt?, because reason: ActionReason,
        isFused: Bool = false
    ) -> PlannedAction {
        PlannedAction(
            .terminate, name, attempt: attempt?.number, instance: machine.id, because: reason,
            steps: [.terminate(machine.id, precondition(for: machine, refusesProtected: true))],
            isFused: isFused)
    }

    /// Stops a machine past its gate, or terminates one that cannot be stopped.
    func halt(
        _ machine: Instance, _ attempt: Attempt?, because reason: ActionReason
    ) -> PlannedAction {
        guard machine.market.canStop else { return end(machine, attempt, because: reason) }
        return PlannedAction(
            .stop, name, attempt: attempt?.number, instance: machine.id, because: reason,
            steps: [.stop(machine.id, precondition(for: machine, refusesProtected: true))])
    }
}

extension Instance.State {
    /// On its way down: whoever orders it again orders nothing new.
    var isEnding: Bool { self == .shuttingDown || self == .stopping }
}
