package import Training

/// The agent's report on its way into the index: the newest one wins, one write at a time.
package struct ReportOutbox: Hashable, Sendable {
    package private(set) var report: AttemptReport
    private var isDirty = true
    private var isUnderWay = false
    private var backoff = Backoff()

    package init(_ report: AttemptReport) {
        self.report = report
    }

    /// All that was said is written.
    package var isClean: Bool { !isDirty && !isUnderWay }

    package mutating func change(_ body: (inout AttemptReport) -> Void) {
        let before = report
        body(&report)
        if report != before { isDirty = true }
    }

    package mutating func enter(_ phase: AttemptReport.Phase, at now: Timestamp) {
        guard report.phase != phase else { return }
        change {
            $0.phase = phase
            $0.since = now
        }
    }

    /// The report to write now, if any; it then counts as under way.
    package mutating func start(at now: Timestamp) -> AttemptReport? {
        guard isDirty, !isUnderWay, backoff.allows(now) else { return nil }
        isDirty = false
        isUnderWay = true
        return report
    }

    package var due: Timestamp? {
        isDirty && !isUnderWay ? backoff.retryAt ?? Timestamp(milliseconds: 0) : nil
    }

    package mutating func ended(_ result: ReportResult, at now: Timestamp) {
        isUnderWay = false
        switch result {
        case .written: backoff.succeeded()
        case .failed, .fenced:
            isDirty = true
            backoff.failed(at: now)
        }
    }
}
