import Training

/// The order of precedence where several rows of the table fit.
extension RunSituation {
    func decide() -> Decision {
        if let unknown { return .leave(.unknown(unknown)) }
        if let suspension = spec?.suspend, suspension.until.map({ now < $0 }) ?? true {
            return .leave(.suspended(reason: suspension.reason, until: suspension.until))
        }
        if let update = bookkeeping() { return .act(update) }
        var decision =
            ledger.openAttempt.map { decide(open: $0) } ?? decideClosed()
        decision.actions += supersededMachines()
        if decision.inaction?.isSettled ?? false, decision.actions.isEmpty,
            let retention = retention()
        {
            decision.actions.append(retention)
        }
        return decision
    }

    /// A machine whose launch is not the open one never trains: it powers itself off, and is
    /// removed here if it does not.
    private func supersededMachines() -> [PlannedAction] {
        guard let open = ledger.openAttempt, let launch = open.launches.last else { return [] }
        let current = machine(of: launch)?.id
        return instances.compactMap { machine in
            guard machine.id != current, !machine.isProtected,
                [.pending, .running, .stopped].contains(machine.state)
            else { return nil }
            let owner = ledger.attempts.first { attempt in
                attempt.launches.contains {
                    $0.request?.clientToken == machine.clientToken
                }
            }
            if let closure = owner?.closure, now.since(closure.at) < RunSituation.endingGrace {
                return nil
            }
            return end(
                machine, owner, because: .supersededLaunch(ordinal: machine.ordinal ?? 0))
        }
    }

    /// What `keep` no longer covers goes in three moves, each safe to lose: a tombstone in the
    /// ledger, then an agent drops it from the index, then its bytes go and the tombstone with
    /// them.
    private func retention() -> PlannedAction? {
        guard let spec, let policy = spec.checkpoint, let index = record.index else { return nil }
        let reason = ActionReason.retention(keep: policy.keep)
        let listed = Set(index.checkpoints.map(\.id))
        let dropped = ledger.retired.filter { !listed.contains($0) }
        let expendable = RetentionPolicy.expendable(
            in: index, keep: policy.keep, ledger: ledger, spec: spec, named: namedByOthers)
        guard !dropped.isEmpty || !expendable.isEmpty else { return nil }
        var updated = ledger
        updated.retired = ledger.retired.filter { listed.contains($0) } + expendable
        return PlannedAction(
            .retire, name, because: reason,
            steps: dropped.map { Step.deleteCheckpoint($0) } + [.updateLedger(updated)])
    }
}
