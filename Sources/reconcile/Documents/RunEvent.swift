import Planning
import Training

/// One thing that happened to a run, as the store's records tell it.
///
/// There is no log of its own to lose: events are derived from ledgers, indexes and the scope's
/// record, so a new control node shows the same ones.
struct RunEvent: Hashable, Sendable, Comparable, Codable {
    enum Kind: String, Sendable, Codable {
        case attemptOpened = "AttemptOpened"
        case launched = "Launched"
        case launchRefused = "LaunchRefused"
        case claimed = "Claimed"
        case checkpointCommitted = "CheckpointCommitted"
        case checkpointQuarantined = "CheckpointQuarantined"
        case phaseReached = "PhaseReached"
        case attemptClosed = "AttemptClosed"
        case resumedByPerson = "ResumedByPerson"
        case terminationCounted = "TerminationCounted"
        case planApproved = "PlanApproved"
    }

    var at: Timestamp
    /// Nil: it concerns the whole scope.
    var run: RunName?
    var attempt: Int?
    var kind: Kind
    var message: String

    static func < (a: RunEvent, b: RunEvent) -> Bool {
        (a.at, a.run?.text ?? "", a.attempt ?? 0, a.kind.rawValue, a.message)
            < (b.at, b.run?.text ?? "", b.attempt ?? 0, b.kind.rawValue, b.message)
    }

    /// All events of one run, sorted by time.
    static func events(of run: RunName, in records: ObservedRun) -> [RunEvent] {
        (ledgerEvents(run, records.ledger) + indexEvents(run, records.index)).sorted()
    }

    /// The events of a scope itself, sorted by time.
    static func events(in scope: ScopeRecord) -> [RunEvent] {
        let terminations = scope.terminations.map {
            RunEvent(
                at: $0.at, run: $0.run, kind: .terminationCounted,
                message: "\($0.instance) counts in the fuse for an hour")
        }
        let approvals = scope.approvals.map {
            RunEvent(
                at: $0.expires - ScopeRecord.Approval.lifetime, kind: .planApproved,
                message: "plan \($0.plan) at \($0.revision.short), until \($0.expires)")
        }
        return (terminations + approvals).sorted()
    }

    private static func ledgerEvents(_ run: RunName, _ ledger: Ledger?) -> [RunEvent] {
        guard let ledger else { return [] }
        var events = ledger.attempts.flatMap { attemptEvents(run, $0) }
        if let resume = ledger.operatorResume {
            events.append(
                RunEvent(
                    at: resume.at, run: run, kind: .resumedByPerson,
                    message: resume.from.map { "from \($0)" } ?? "from the newest checkpoint"))
        }
        return events
    }

    private static func attemptEvents(_ run: RunName, _ attempt: Attempt) -> [RunEvent] {
        func event(_ at: Timestamp, _ kind: Kind, _ message: String) -> RunEvent {
            RunEvent(at: at, run: run, attempt: attempt.number, kind: kind, message: message)
        }
        var events = [
            event(
                attempt.createdAt, .attemptOpened,
                "\(attempt.reason), at \(attempt.revision.short)")
        ]
        for launch in attempt.launches {
            let pool = launch.request?.pool?.text
            events.append(
                event(
                    launch.createdAt, .launched,
                    "launch \(launch.ordinal)" + (pool.map { " of \($0)" } ?? "")
                        + (launch.instance.map { " gave \($0)" } ?? "")))
            if let refusal = launch.refusal {
                // The kind before the pool: it is what a narrow terminal must not cut.
                events.append(
                    event(
                        refusal.at, .launchRefused,
                        "launch \(launch.ordinal): \(refusal.kind.rawValue), "
                            + (pool.map { "\($0): " } ?? "") + refusal.detail))
            }
        }
        if let closure = attempt.closure {
            events.append(
                event(
                    closure.at, .attemptClosed,
                    "\(closure.outcome.rawValue) (evidence: \(closure.evidence.rawValue))"
                        + (closure.detail.isEmpty ? "" : ": \(closure.detail)")))
        }
        return events
    }

    private static func indexEvents(_ run: RunName, _ index: RunIndex?) -> [RunEvent] {
        guard let index else { return [] }
        var events = index.checkpoints.flatMap { checkpointEvents(run, $0) }
        if let claim = index.claim {
            events.append(
                RunEvent(
                    at: claim.at, run: run, attempt: claim.attempt, kind: .claimed,
                    message: "by \(claim.instance)"))
        }
        events += index.reports.map { report in
            let outcome = report.outcome.map { ", \($0.rawValue)" } ?? ""
            let detail = report.detail.map { ": \($0)" } ?? ""
            return RunEvent(
                at: report.since, run: run, attempt: report.attempt, kind: .phaseReached,
                message: report.phase.rawValue + outcome + detail)
        }
        return events
    }

    private static func checkpointEvents(
        _ run: RunName, _ checkpoint: IndexedCheckpoint
    ) -> [RunEvent] {
        let step = checkpoint.step.map { " at step \($0)" } ?? ""
        let committed = RunEvent(
            at: checkpoint.committedAt, run: run, attempt: checkpoint.id.attempt,
            kind: .checkpointCommitted, message: "\(checkpoint.id)\(step)")
        return [committed]
            + checkpoint.quarantines.map {
                RunEvent(
                    at: $0.at, run: run, attempt: checkpoint.id.attempt,
                    kind: .checkpointQuarantined, message: "\(checkpoint.id): \($0.reason)")
            }
    }
}
