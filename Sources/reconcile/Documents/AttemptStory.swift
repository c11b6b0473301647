import Planning
import Training

/// One attempt of a run as its records tell it: why it began, where, how far it came, why it ended,
/// and what that cost.
struct AttemptStory: Hashable, Sendable, Codable {
    var attempt: Int
    var generation: Int
    var revision: Revision
    var began: Timestamp
    /// The plan's reason.
    var reason: String
    /// The last machine that it had; nil: none came.
    var instance: InstanceID?
    /// `TYPE market in ZONE`; nil on the embedded provider.
    var pool: String?
    /// What its machine cost an hour when it was asked for.
    var hourly: Dollars?
    /// Nil: afresh, or it has not come so far.
    var startedFrom: CheckpointID?
    /// Why it did not start from what was asked.
    var fallback: String?
    /// The newest that is known.
    var step: Int?
    /// The newest that it committed and that still stands in the index.
    var newestCheckpoint: CheckpointID?
    /// Nil while it is open.
    var ended: Timestamp?
    var outcome: Outcome?
    var evidence: Closure.Evidence?
    /// What ended it.
    var detail: String?
    var exit: ExitStatus?
    /// Training time, as far as it is known.
    var trained: Seconds
    /// No more training than this is lost: from the last committed checkpoint to the end.
    ///
    /// Nil while it is open, and when it has completed or never trained.
    var lost: Seconds?
    /// No more than this was paid for its machines; nil where no price is known.
    var cost: Dollars?

    /// Every attempt of a run, oldest first; `older` are those that have left the ledger.
    static func stories(
        of records: ObservedRun, older: [Attempt], at now: Timestamp
    ) -> [AttemptStory] {
        let kept = records.ledger?.attempts ?? []
        let first = kept.first?.number ?? .max
        let attempts = older.filter { $0.number < first }.sorted { $0.number < $1.number } + kept
        return attempts.map { attempt in
            AttemptStory(attempt, records.index, in: records.ledger, at: now)
        }
    }

    private init(
        _ attempt: Attempt, _ index: RunIndex?, in ledger: Ledger?, at now: Timestamp
    ) {
        let report = index?.report(of: attempt.number)
        let committed = index?.checkpoints.filter { $0.id.attempt == attempt.number } ?? []
        let launch = attempt.launches.last { $0.instance != nil }
        let pool = launch.flatMap { ledger?.request(behind: $0) ?? $0.request }?.pool
        self.attempt = attempt.number
        generation = attempt.generation
        revision = attempt.revision
        began = attempt.createdAt
        reason = attempt.reason
        instance = launch?.instance
        self.pool = pool.map { "\($0.instanceType) \($0.market.rawValue) in \($0.zone)" }
        hourly = launch?.hourly
        startedFrom = report?.startedFrom
        fallback = report?.fallback
        step = report?.step ?? committed.last?.step
        newestCheckpoint = committed.last?.id
        ended = attempt.closure?.at
        outcome = attempt.closure?.outcome
        evidence = attempt.closure?.evidence
        detail = [attempt.closure?.detail, report?.detail].compactMap { $0 }
            .first { !$0.isEmpty }
        exit = report?.exit
        trained = AttemptStory.trained(attempt, report, at: now)
        lost = AttemptStory.lost(attempt, report, committed.last)
        cost = AttemptStory.cost(of: attempt, at: now)
    }

    /// What its agent has told, or while it trains the time since it began to.
    private static func trained(
        _ attempt: Attempt, _ report: AttemptReport?, at now: Timestamp
    ) -> Seconds {
        guard let report else { return 0 }
        guard attempt.closure == nil, report.phase == .training else { return report.trained }
        return max(report.trained, now.since(report.since))
    }

    /// From the last commit to the last word, or where there is none to the evidence of the end.
    private static func lost(
        _ attempt: Attempt, _ report: AttemptReport?, _ newest: IndexedCheckpoint?
    ) -> Seconds? {
        guard let closure = attempt.closure, closure.outcome != .completed, let report,
            report.startedTraining
        else { return nil }
        let isTold = report.phase == .ended
        let end = isTold ? report.since : closure.at
        guard let newest else { return isTold ? report.trained : end.since(attempt.createdAt) }
        let span = max(0, end.since(newest.committedAt))
        return isTold ? min(span, report.trained) : span
    }

    /// From each launch to the next one or to the end, at the price that was known: an upper bound,
    /// since a machine is free until it runs, and spot prices move.
    private static func cost(of attempt: Attempt, at now: Timestamp) -> Dollars? {
        var total: Dollars?
        for (place, launch) in attempt.launches.enumerated() where launch.instance != nil {
            guard let hourly = launch.hourly else { continue }
            let next = attempt.launches.dropFirst(place + 1).first?.createdAt
            let end = next ?? attempt.closure?.at ?? now
            let span = max(0, end.milliseconds - launch.createdAt.milliseconds)
            let micros = Double(hourly.micros) * Double(span) / 3_600_000
            total = (total ?? Dollars(micros: 0)) + Dollars(micros: Int(micros.rounded(.up)))
        }
        return total
    }
}

extension AttemptReport {
    /// Whether its trainer has run.
    fileprivate var startedTraining: Bool { trained > 0 || phase == .training || exit != nil }
}
