package import Training

/// An end that was asked for: why, how long it may take, and how far it is.
package struct Drain: Hashable, Sendable {
    package enum Cause: Hashable, Sendable {
        case notice
        case intent
        /// The run's training time is used up.
        case expired
    }

    /// What began it.
    ///
    /// It decides the outcome; what comes later only shortens the time.
    package var cause: Cause
    package var notice: Notice?
    package var intent: Intent?
    /// When the machine goes, or the gate's limit passes; nil: no limit.
    package var deadline: Timestamp?
    /// When SIGKILL follows; nil before the stop signal was sent.
    package var killAt: Timestamp?
    package var signalled = false
    package var killedAt: Timestamp?
    private let beganAt: Timestamp

    package init(cause: Cause, at now: Timestamp) {
        self.cause = cause
        beganAt = now
    }

    package mutating func shorten(to limit: Timestamp?) {
        guard let limit else { return }
        deadline = deadline.map { min($0, limit) } ?? limit
    }

    /// When uploads must give way to the report: a tenth of the whole time, at most 1 s, before the
    /// deadline.
    package var reportBy: Timestamp? {
        deadline.map { deadline in
            let whole = max(0, Int(deadline.milliseconds - beganAt.milliseconds))
            return deadline.after(milliseconds: -min(1_000, whole / 10))
        }
    }

    /// The end of the grace: as declared, or what the deadline leaves when the upload that
    /// follows takes as long as the longest one so far.
    package func graceEnd(
        from now: Timestamp, grace: Seconds, uploadMilliseconds: Int
    ) -> Timestamp {
        let declared = now + grace
        guard let deadline else { return declared }
        let left = max(0, Int(deadline.milliseconds - now.milliseconds))
        // A fifth, at most 2 s, for scanning, the report, and uploads that take longer.
        let reserve = uploadMilliseconds + uploadMilliseconds / 2 + min(2_000, left / 5)
        return min(declared, now.after(milliseconds: max(0, left - reserve)))
    }
}
