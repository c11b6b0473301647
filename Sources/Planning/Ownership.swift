import Training

/// Which of the machines that were seen are ours: those that carry our scope and store, and whose
/// client token is frozen in our ledger.
///
/// Everything else is reported and never touched, see `InstancePrecondition`.
struct Ownership {
    private(set) var instances: [RunName: [Instance]] = [:]
    private(set) var foreign: [ForeignInstance] = []
    /// Our machines that have not ended.
    private(set) var live = 0
    /// Open launches whose attempt nobody has claimed yet.
    private(set) var launchesUnderWay = 0
    /// Living machines that bear our scope and another store, by the run that they name.
    private(set) var elsewhere: [RunName: InstanceID] = [:]

    init(of observed: Observation, _ context: FleetContext) {
        var owners = TokenOwners(of: observed.runs)
        for instance in observed.instances.sorted(by: { $0.id < $1.id }) {
            let owner = owners.owner(of: instance)
            let complaint = objection(to: instance, owner, context)
            if let complaint, instance.state != .terminated {
                note(instance, context)
                foreign.append(ForeignInstance(instance: instance.id, detail: complaint))
            }
            // A machine of ours that was retagged still runs: that is evidence, though it is not
            // touched any more.
            guard let run = owner ?? unreadable(instance, observed, context) else { continue }
            instances[run, default: []].append(instance)
            if !instance.state.hasEnded { live += 1 }
        }
        launchesUnderWay =
            observed.runs.values.count { record in
                // One whose launch was refused asks for nothing until it hops.
                guard let ledger = record.ledger, let attempt = ledger.openNumber,
                    record.index?.claim?.attempt != attempt
                else { return false }
                return ledger.openLaunch != nil
            }
    }

    private mutating func note(_ instance: Instance, _ context: FleetContext) {
        guard instance.tags[Tag.scope] == context.scope, let run = instance.run,
            let store = instance.tags[Tag.store], store != context.store.text,
            !instance.state.hasEnded
        else { return }
        elsewhere[run] = instance.id
    }

    /// While a run's ledger cannot be read, ownership by its tags cannot be denied.
    private func unreadable(
        _ instance: Instance, _ observed: Observation, _ context: FleetContext
    ) -> RunName? {
        guard instance.tags[Tag.scope] == context.scope,
            instance.tags[Tag.store] == context.store.text, let run = instance.run,
            observed.unknownRuns[run] != nil
        else { return nil }
        return run
    }

    private func objection(
        to instance: Instance, _ owner: RunName?, _ context: FleetContext
    ) -> String? {
        guard instance.tags[Tag.scope] == context.scope else { return "of another scope" }
        guard instance.tags[Tag.store] == context.store.text else {
            return "its \(Tag.store) names another store"
        }
        guard let run = instance.run else { return "its \(Tag.run) names no run" }
        if owner == run { return nil }
        return "its client token is not in the ledger of \(run)"
    }
}

/// Whose ledger a machine's client token is frozen in.
private struct TokenOwners {
    private let runs: [RunName: ObservedRun]
    /// Every token of every ledger: made when a machine's own tag does not lead to its ledger.
    private lazy var all = TokenOwners.tokens(of: runs)

    init(of runs: [RunName: ObservedRun]) {
        self.runs = runs
    }

    mutating func owner(of instance: Instance) -> RunName? {
        if let run = instance.run, runs[run]?.ledger?.holds(token: instance.clientToken) == true {
            return run
        }
        return all[instance.clientToken]
    }

    private static func tokens(of runs: [RunName: ObservedRun]) -> [String: RunName] {
        var owners: [String: RunName] = [:]
        for (run, record) in runs {
            for launch in record.ledger?.attempts.flatMap(\.launches) ?? [] {
                if let token = launch.request?.clientToken { owners[token] = run }
            }
        }
        return owners
    }
}

extension Ledger {
    /// Whether a launch with this token is frozen here; the newest are looked at first.
    fileprivate func holds(token: String) -> Bool {
        attempts.reversed().contains { attempt in
            attempt.launches.contains { $0.request?.clientToken == token }
        }
    }
}
