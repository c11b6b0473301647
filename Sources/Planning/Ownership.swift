import Training

/// Which of the machines that bear our scope are ours: those that carry our store too, and whose
/// client token is frozen in our ledger.
///
/// Everything else is reported and never touched.
struct Ownership {
    private(set) var instances: [RunName: [Instance]] = [:]
    private(set) var foreign: [ForeignInstance] = []
    /// Our machines that have not ended.
    private(set) var live = 0
    /// Open launches whose attempt nobody has claimed yet.
    private(set) var launchesUnderWay = 0

    init(of observed: Observation, _ context: FleetContext) {
        let tokens = observed.runs.mapValues { record in
            Set(
                record.ledger?.attempts.flatMap(\.launches).compactMap(\.request?.clientToken)
                    ?? [])
        }
        for instance in observed.instances.sorted(by: { $0.id < $1.id }) {
            if let detail = objection(to: instance, tokens, observed, context) {
                if instance.state != .terminated {
                    foreign.append(ForeignInstance(instance: instance.id, detail: detail))
                }
                continue
            }
            guard let run = instance.run else { continue }
            instances[run, default: []].append(instance)
            if !instance.state.hasEnded { live += 1 }
        }
        launchesUnderWay =
            observed.runs.values.count { record in
                guard let attempt = record.ledger?.openAttempt else { return false }
                return record.index?.claim?.attempt != attempt.number
            }
    }

    private func objection(
        to instance: Instance, _ tokens: [RunName: Set<String>], _ observed: Observation,
        _ context: FleetContext
    ) -> String? {
        guard instance.tags[Tag.scope] == context.scope else { return "of another scope" }
        guard instance.tags[Tag.store] == context.store.text else {
            return "its \(Tag.store) names another store"
        }
        guard let run = instance.run else { return "its \(Tag.run) names no run" }
        // While the ledger cannot be read, ownership cannot be denied either; the run is unknown.
        if observed.unknownRuns[run] != nil { return nil }
        guard tokens[run]?.contains(instance.clientToken) == true else {
            return "its client token is not in the ledger of \(run)"
        }
        return nil
    }
}
