import Planning
import Training

/// Promise 6: no plan to destroy stands on a read that failed or gave a part.
struct WholeReads: Sendable {
    private struct Looks {
        var failed: Set<WorldFact.Reading> = []
        var fetched: DesiredFleet?
    }

    private var looks: [ProcessID: Looks] = [:]

    /// Every look begins with the scope's record.
    static let beginning = WorldFact.Reading.list(prefix: StoreLayout.scope)

    mutating func read(_ reading: WorldFact.Reading, isWhole: Bool, by process: ProcessID) {
        if reading == WholeReads.beginning { looks[process]?.failed = [] }
        if isWhole {
            guard looks[process]?.failed.isEmpty == false else { return }
            looks[process]?.failed.remove(reading)
        } else {
            looks[process, default: Looks()].failed.insert(reading)
        }
    }

    mutating func fetched(_ fleet: DesiredFleet?, by process: ProcessID) {
        looks[process, default: Looks()].fetched = fleet
    }

    func planned(
        _ plan: Plan, by process: ProcessID, _ machines: LaunchedMachines, at now: Timestamp
    ) -> BrokenPromise? {
        let look = looks[process] ?? Looks()
        for action in plan.actions where action.isDestructive {
            let why =
                gap(for: action, look.failed, machines) ?? removalGap(of: action, look.fetched)
            guard let why else { continue }
            return BrokenPromise(
                .wholeReads, at: now, run: action.run, machine: action.instance,
                "\(process) plans to \(action.verb.rawValue), though \(why)")
        }
        return nil
    }

    /// What the plan did not see of the action's run.
    private func gap(
        for action: PlannedAction, _ failed: Set<WorldFact.Reading>, _ machines: LaunchedMachines
    ) -> String? {
        if failed.isEmpty { return nil }
        // What a checkpoint is kept for stands in the ledger and the index alone.
        let touched = action.verb == .retire ? [] : [action.instance, machines.newest[action.run]]
        let regions = touched.compactMap { id in
            id.flatMap { machines[$0] }.flatMap { $0.endedAt == nil ? $0.region : nil }
        }
        if let region = regions.first(where: { failed.contains(.machines(region: $0)) }) {
            return "the machines of \(region) could not be read"
        }
        for prefix in [StoreLayout.ledgers, StoreLayout.indexes, StoreLayout.heartbeats]
        where failed.contains(.list(prefix: prefix)) {
            return "\(prefix) could not be listed"
        }
        for key in [StoreLayout.ledger(action.run), StoreLayout.index(action.run)]
        where failed.contains(.object(key: key)) {
            return "\(key) could not be read"
        }
        return nil
    }

    /// Why the process could not know that the run's manifest is gone.
    private func removalGap(of action: PlannedAction, _ fleet: DesiredFleet?) -> String? {
        guard action.reason == .removed else { return nil }
        guard let fleet else { return "the repository could not be read" }
        if fleet.isIncomplete { return "a manifest cannot be decoded" }
        if fleet.runs.isEmpty { return "the commit declares nothing at all" }
        let isDeclared = fleet.runs.contains { $0.spec.name == action.run }
        return isDeclared ? "the run is declared" : nil
    }
}
