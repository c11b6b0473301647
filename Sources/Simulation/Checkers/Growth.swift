import Training

/// Records stay within stated bounds, however long a scope lives.
struct Growth: Sendable {
    /// Bytes: 50 attempts with 20 launches each, and the user data of an open one.
    static let ledgerLimit = 1 << 20
    /// Bytes: 1,000 checkpoints and 50 reports.
    static let indexLimit = 1 << 20
    /// Bytes, and for each run in it.
    static let scopeLimit = (base: 64 << 10, run: 1 << 10)
    /// Signs of life of a run: of the attempts that its ledger keeps, and of two that come or go.
    static let heartbeatLimit = Ledger.attemptLimit + 2

    private var runs: Set<RunName> = []
    /// How often a trainer of a run began.
    private var starts: [RunName: Int] = [:]

    mutating func started(_ run: RunName) { starts[run, default: 0] += 1 }

    /// A record was written.
    mutating func wrote(_ key: String, size: Int, at now: Timestamp) -> BrokenPromise? {
        let run = StoreLayout.run(ofRecord: key)
        let limit: Int
        if key.hasPrefix(StoreLayout.ledgers) {
            if let run { runs.insert(run) }
            limit = Growth.ledgerLimit
        } else if key.hasPrefix(StoreLayout.indexes) {
            limit = Growth.indexLimit
        } else if key == StoreLayout.scope {
            limit = Growth.scopeLimit.base + Growth.scopeLimit.run * runs.count
        } else {
            return nil
        }
        guard size > limit else { return nil }
        return BrokenPromise(
            .growth, at: now, run: run, "\(key) has \(size) bytes, more than \(limit)")
    }

    /// What is left in the store when all is done that was to be done.
    ///
    /// Beyond what `keep` says a checkpoint stays that fell off the lineage, so each start of a
    /// trainer may leave as many again.
    func audit(
        _ fleet: DesiredFleet, _ list: (String) -> [String], at now: Timestamp
    ) -> [BrokenPromise] {
        var broken: [BrokenPromise] = []
        for spec in fleet.runs.map(\.spec) where spec.state == .running {
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
