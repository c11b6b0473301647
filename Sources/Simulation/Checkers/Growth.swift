import Training

/// Records stay within stated bounds, however long a scope lives.
struct Growth: Sendable {
    /// Launches of one attempt.
    static let launchLimit = 20
    /// Approvals that wait for their plan.
    static let approvalLimit = 20
    /// Signs of life of a run: of the attempts that its ledger keeps, and of two that come or go.
    static let heartbeatLimit = Ledger.attemptLimit + 2

    /// How often a trainer of a run began.
    private var starts: [RunName: Int] = [:]

    mutating func started(_ run: RunName) { starts[run, default: 0] += 1 }

    func wrote(_ ledger: Ledger, at now: Timestamp) -> BrokenPromise? {
        if ledger.attempts.count > Ledger.attemptLimit {
            return broken(ledger.run, "the ledger has \(ledger.attempts.count) attempts", now)
        }
        for attempt in ledger.attempts {
            if attempt.launches.count > Growth.launchLimit {
                let count = attempt.launches.count
                return broken(ledger.run, "attempt \(attempt.number) has \(count) launches", now)
            }
            let isKept = attempt.launches.contains { launch in
                launch.isClosed && launch.request?.userData.isEmpty == false
            }
            if isKept { return broken(ledger.run, "a closed launch keeps its user data", now) }
        }
        return nil
    }

    func wrote(_ index: RunIndex, at now: Timestamp) -> BrokenPromise? {
        if index.checkpoints.count > RunIndex.checkpointLimit {
            return broken(index.run, "the index has \(index.checkpoints.count) checkpoints", now)
        }
        guard index.reports.count > RunIndex.reportLimit else { return nil }
        return broken(index.run, "the index has \(index.reports.count) reports", now)
    }

    func wrote(_ scope: ScopeRecord, at now: Timestamp) -> BrokenPromise? {
        if scope.approvals.count > Growth.approvalLimit {
            return broken(nil, "the scope has \(scope.approvals.count) approvals", now)
        }
        let runs = Set(scope.specs.map(\.run)).count
        guard runs < scope.specs.count else { return nil }
        return broken(nil, "the scope has \(scope.specs.count) specs of \(runs) runs", now)
    }

    private func broken(_ run: RunName?, _ detail: String, _ now: Timestamp) -> BrokenPromise {
        BrokenPromise(.growth, at: now, run: run, detail)
    }

    /// What is left in the store when all is done that was to be done.
    ///
    /// Beyond what `keep` says a checkpoint stays that fell off the lineage, so each start of a
    /// trainer may leave as many again. Of a suspended run nothing is touched, as a person asked.
    func audit(
        _ fleet: DesiredFleet, _ list: (String) -> [String], at now: Timestamp
    ) -> [BrokenPromise] {
        var broken: [BrokenPromise] = []
        for spec in fleet.runs.map(\.spec) where spec.state == .running && spec.suspend == nil {
            let beats = list(StoreLayout.heartbeats + spec.name.text + "/").count
            check(beats, Growth.heartbeatLimit, "heartbeats", spec.name)
            let kept = max(2, spec.checkpoint?.keep ?? 2) + 2
            let saved = list(StoreLayout.checkpoints(spec.name)).count { key in
                CheckpointKey(key)?.isManifest == true
            }
            check(saved, kept * (1 + (starts[spec.name] ?? 0)), "checkpoints", spec.name)
        }
        return broken

        func check(_ count: Int, _ limit: Int, _ what: String, _ run: RunName) {
            guard count > limit else { return }
            broken.append(
                BrokenPromise(
                    .growth, at: now, run: run, "\(count) \(what) are kept, \(limit) may be"))
        }
    }
}
