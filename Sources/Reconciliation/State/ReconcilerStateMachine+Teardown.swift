import Planning
import Training

/// The end of a whole scope: every run that has a ledger is wanted terminated.
extension ReconcilerStateMachine {
    mutating func tearDown(at now: Timestamp) -> [ReconcilerEffect] {
        guard needsFetch else { return plan(at: now) }
        needsFetch = false
        guard let observation, observation.scope?.applied != nil else {
            result.problems.append("nothing was ever reconciled here: there is no scope to end")
            return finish()
        }
        let runs = observation.runs.compactMap { run, record in
            record.ledger?.attempts.last.map {
                ScopeRecord.AppliedRun(run: run, spec: $0.spec, sourceTree: nil)
            }
        }
        state = .loadingSpecs
        return [.loadSpecs(runs.sorted { $0.run < $1.run })]
    }

    /// A scope has ended only where every region of it was looked at: machines of closed attempts
    /// may live in one that no open attempt needs.
    func isSeenWhole(_ observation: Observation) -> Bool {
        guard case .teardown = goal.mode else { return true }
        return observation.unknownRegions.isEmpty
    }
}

extension DesiredFleet {
    /// Every run terminated, and no fuse: a person named the scope to end.
    static func teardown(
        of runs: [DesiredRun], at revision: Revision, scope: String
    ) -> DesiredFleet {
        DesiredFleet(
            revision: revision,
            policy: ScopePolicy(scope: scope, maxTerminations: .count(.max)),
            runs: runs.map { run in
                var ended = run
                ended.spec.state = .terminated
                return ended
            }, isIncomplete: false)
    }
}
