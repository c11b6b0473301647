package import Planning
package import Training

/// The reconciler as a value: events in, effects out.
///
/// No clock, no async, no logging.
///
/// A pass observes, fetches, plans and applies; it repeats observe, plan and apply until nothing is
/// left to do at once. Every protocol step is derived from what was observed, so a crash between
/// any two effects loses nothing: the next pass, of any process, goes on from the records.
package struct ReconcilerStateMachine: Sendable {
    enum State {
        case idle
        case observing
        case fetching
        case loadingSpecs
        case writingScope
        case applying
        case finished
    }

    /// An action under way, with the steps that are still to come.
    struct Running {
        var action: PlannedAction
        var position: Int
    }

    /// Effects in flight at once; more wait for their turn.
    static let concurrency = 8
    /// Rounds of one pass; then the next pass goes on, so that no pass is endless.
    static let roundLimit = 40
    static let quickPoll: Seconds = 1
    static let longestBackoff: Seconds = .minutes(5)

    let context: FleetContext
    let goal: ReconcilerGoal
    var state: State = .idle
    var result = ReconcileResult()
    var observation: Observation?
    var fetched: FetchedFleet?
    var desired: DesiredFleet?
    var rounds = 0
    var failures = 0
    var startedAt: Timestamp?
    var fetchedAt: Timestamp?
    var isStopping = false
    var mayApply = false
    /// The source is fetched once a pass, not in every round.
    var needsFetch = true
    var queue: [Int] = []
    var running: [Int: Running] = [:]
    var inFlight = 0
    var actionCount = 0
    var didChange = false
    var sources: [String: SourceArchive] = [:]
    var unsentTokens: Set<String> = []
    var placements: [PlacementQuery: ObservedPlacement] = [:]
    var consoles: [InstanceID: String] = [:]
    var jitter: SplitMix64

    package init(context: FleetContext, goal: ReconcilerGoal, seed: UInt64) {
        self.context = context
        self.goal = goal
        jitter = SplitMix64(seed: seed)
    }

    package mutating func handle(_ event: ReconcilerEvent, at now: Timestamp) -> [ReconcilerEffect]
    {
        if case .stop = event { return stop() }
        switch (state, event) {
        case (.idle, .wake): return beginPass(at: now)
        case (.observing, .observed(let outcome)): return observed(outcome, at: now)
        case (.fetching, .fetched(let outcome)): return fetched(outcome, at: now)
        case (.loadingSpecs, .specsLoaded(let outcome)): return specsLoaded(outcome, at: now)
        case (.writingScope, .scopeWritten(let outcome)): return scopeWritten(outcome, at: now)
        case (.applying, .stepEnded(let id, let outcome)): return stepEnded(id, outcome, at: now)
        default:
            // A wake during a pass: the pass ends in a look of its own.
            return []
        }
    }

    private mutating func stop() -> [ReconcilerEffect] {
        isStopping = true
        queue.removeAll()
        guard state == .idle || inFlight == 0 && state != .finished else { return [] }
        return finish()
    }

    mutating func finish() -> [ReconcilerEffect] {
        guard state != .finished else { return [] }
        state = .finished
        return [.finish(result)]
    }

    // MARK: Looking

    private mutating func beginPass(at now: Timestamp) -> [ReconcilerEffect] {
        startedAt = startedAt ?? now
        rounds = 0
        needsFetch = fetchIsDue(at: now)
        result.problems = []
        return observe()
    }

    /// While waiting for machines the source is left alone: it has an interval of its own.
    private func fetchIsDue(at now: Timestamp) -> Bool {
        guard let fetchedAt, fetched != nil else { return true }
        switch goal.mode {
        case .plan: return true
        case .once, .teardown: return false
        case .continuous(let interval):
            // The last time lies ahead when the clock was set back: then it says nothing.
            return !(0..<interval.count).contains(now.since(fetchedAt).count)
        }
    }

    mutating func observe() -> [ReconcilerEffect] {
        state = .observing
        return [.observe]
    }

    private mutating func observed(
        _ outcome: Result<Observation, StoreFailure>, at now: Timestamp
    ) -> [ReconcilerEffect] {
        switch outcome {
        case .failure(let failure):
            result.problems.append(failure.description)
            result.isConverged = false
            return [.report(.storeFailed(failure))] + rest(at: now, afterFailure: true)
        case .success(var seen):
            remember(sourcesOf: seen)
            seen.sources = sources
            seen.unsentTokens = unsentTokens
            seen.placements = placements
            seen.consoles = consoles
            observation = seen
            result.instances = seen.instances
            result.unknownRegions = seen.unknownRegions
            result.appliedRevision = seen.scope?.applied?.revision
            if case .teardown = goal.mode { return tearDown(at: now) }
            guard needsFetch else { return plan(at: now) }
            state = .fetching
            return [.fetch(since: seen.scope?.applied?.revision)]
        }
    }

    /// What was archived for any attempt that is still in a ledger.
    private mutating func remember(sourcesOf seen: Observation) {
        for record in seen.runs.values {
            guard let ledger = record.ledger else { continue }
            var last: SourceArchive?
            for source in ledger.attempts.lazy.compactMap(\.source) where source != last {
                sources[source.tree] = source
                last = source
            }
        }
    }

    private mutating func fetched(
        _ outcome: Result<FetchedFleet, SourceFailure>, at now: Timestamp
    ) -> [ReconcilerEffect] {
        needsFetch = false
        fetchedAt = now
        switch outcome {
        case .failure(let failure):
            fetched = nil
            result.problems.append(failure.description)
            return [.report(.sourceFailed(failure))] + heal(at: now)
        case .success(let fleet):
            fetched = fleet
            result.revision = fleet.fleet.revision
            result.diagnostics = fleet.diagnostics
            let invalid = fleet.diagnostics.count { $0.severity == .error }
            let report: [ReconcilerEffect] =
                invalid > 0 ? [.report(.manifestsInvalid(invalid))] : []
            return report + judge(fleet, at: now)
        }
    }
}
