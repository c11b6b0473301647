package import Training

extension Planner {
    /// Rounds of bookkeeping that are looked through.
    private static let foresight = 3

    /// The plan as a person wants to read it: what follows from bookkeeping that is still to be
    /// done is shown with it, such as the resume of a run whose lost attempt is not closed yet.
    ///
    /// Nothing of it is carried out in one round; a pass comes to the same end in several.
    package static func foresee(
        desired: DesiredFleet, observed: Observation, context: FleetContext
    ) -> Plan {
        var observed = observed
        var plan = plan(desired: desired, observed: observed, context: context)
        var noted: [PlannedAction] = []
        for _ in 0..<foresight {
            let records = plan.actions.filter { $0.verb == .record }
            let ledgers = records.flatMap(\.steps).compactMap { step -> Ledger? in
                if case .updateLedger(let ledger) = step { return ledger }
                return nil
            }
            guard !ledgers.isEmpty else { break }
            for ledger in ledgers { observed.runs[ledger.run]?.ledger = ledger }
            noted += records
            plan = Planner.plan(desired: desired, observed: observed, context: context)
        }
        let known = Set(plan.actions)
        plan.actions += noted.filter { !known.contains($0) }
        plan.actions.sort { ($0.run, $0.attempt ?? 0) < ($1.run, $1.attempt ?? 0) }
        return plan
    }
}
