import Reconciliation
import Training

/// A repository that fails looks like the commit before, but for its first run.
struct LosesRuns: FleetSource {
    let base: any FleetSource
    let seen = Memory<FetchedFleet?>(nil)

    func fetch(since applied: Revision?) async throws(SourceFailure) -> FetchedFleet {
        do {
            let found = try await base.fetch(since: applied)
            seen.with { $0 = found }
            return found
        } catch {
            guard var known = seen.with({ $0 }), known.fleet.runs.count > 1 else { throw error }
            known.fleet.runs.removeFirst()
            known.ancestry = .same
            return known
        }
    }

    func archive(tree: String, limit: Int) async throws(SourceFailure) -> [UInt8] {
        try await base.archive(tree: tree, limit: limit)
    }
}

/// One manifest after another says something else than before, after so many readings.
struct ReadsOtherwise: FleetSource {
    let base: any FleetSource
    let every: Int
    let readings = Memory(0)

    func fetch(since applied: Revision?) async throws(SourceFailure) -> FetchedFleet {
        var found = try await base.fetch(since: applied)
        let turn = readings.with { readings in
            readings += 1
            return readings / every
        }
        let count = found.fleet.runs.count
        for place in found.fleet.runs.indices {
            let changes = turn / count + (place < turn % count ? 1 : 0)
            if changes > 0 { found.fleet.runs[place].spec.envs["READING"] = "\(changes)" }
        }
        return found
    }

    func archive(tree: String, limit: Int) async throws(SourceFailure) -> [UInt8] {
        try await base.archive(tree: tree, limit: limit)
    }
}
