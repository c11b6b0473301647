import Training

/// The order of precedence where several rows of the table fit.
extension RunSituation {
    /// Brings the ledger up to date, in memory, with what was observed; gives the news.
    mutating func catchUp() -> [ActionReason] {
        guard leftAlone == nil else { return [] }
        var news: [ActionReason] = []
        for _ in 0..<RunSituation.factLimit {
            guard let (ledger, fact) = bookkeeping() else { break }
            self.ledger = ledger
            news.append(fact)
        }
        return news
    }

    /// Decides on a ledger that is up to date.
    func decide() -> Decision {
        if let leftAlone { return .leave(leftAlone) }
        var decision = ledger.openAttempt.map { decide(open: $0) } ?? decideClosed()
        let superseded = decideSuperseded()
        decision.actions += superseded.actions
        decision.leftover = decision.leftover ?? superseded.leftover
        if decision.inaction?.isSettled ?? false, decision.actions.isEmpty,
            let retention = retention()
        {
            decision.actions.append(retention)
        }
        return decision
    }

    /// Why nothing at all is done, not even bookkeeping.
    private var leftAlone: InactionReason? {
        if let unknown { return .unknown(unknown) }
        if let suspension = spec?.suspend, suspension.until.map({ now < $0 }) ?? true {
            return .suspended(reason: suspension.reason, until: suspension.until)
        }
        return nil
    }

    /// A machine whose launch is not the open one never trains: it powers itself off, and is
    /// removed here if it does not.
    private func decideSuperseded() -> Decision {
        guard let open = ledger.openAttempt, let launch = open.launches.last else {
            return Decision()
        }
        var decision = Decision()
        let current = machine(of: launch)?.id
        for machine in instances where machine.id != current {
            guard [.pending, .running, .stopped].contains(machine.state) else { continue }
            // It costs nothing but its disk: it stays until another machine is there.
            if machine.state == .stopped, current == nil { continue }
            if let bar = bar(on: machine) {
                decision.leftover = bar
                continue
            }
            let owner = ledger.attempts.first { attempt in
                attempt.launches.contains {
                    $0.request?.clientToken == machine.clientToken
                }
            }
            if let closure = owner?.closure {
                if machine.state != .stopped, now.since(closure.at) < RunSituation.endingGrace {
                    decision.leftover = .ending
                    continue
                }
                if let until = keptUntil(closure), now < until {
                    decision.leftover = .kept(machine.id, until: until)
                    continue
                }
            }
            decision.actions.append(
                end(machine, owner, because: .supersededLaunch(ordinal: machine.ordinal ?? 0)))
        }
        return decision
    }

    /// What `keep` no longer covers: a tombstone in the ledger first, then the bytes.
    ///
    /// A tombstone stays until an agent has dropped the checkpoint from the index; then it goes,
    /// and once more whatever bytes a crash left behind.
    private func retention() -> PlannedAction? {
        guard let spec, let policy = spec.checkpoint, let index = record.index else { return nil }
        // No more of them than are kept, and none on its way out: the usual case.
        if ledger.retired.isEmpty, index.checkpoints.count <= RetentionPolicy.kept(policy.keep) {
            return nil
        }
        let reason = ActionReason.retention(keep: policy.keep)
        let listed = Set(index.checkpoints.map(\.id))
        let dropped = ledger.retired.filter { !listed.contains($0) }
        let expendable = RetentionPolicy.expendable(
            in: index, keep: policy.keep, ledger: ledger, spec: spec,
            named: shared.named[name] ?? [])
        guard !dropped.isEmpty || !expendable.isEmpty else { return nil }
        var updated = ledger
        updated.retired = ledger.retired.filter { listed.contains($0) } + expendable
        let deletions = (dropped + expendable).map { Step.deleteCheckpoint($0) }
        return PlannedAction(
            .retire, name, because: reason, steps: [.updateLedger(updated)] + deletions)
    }
}
