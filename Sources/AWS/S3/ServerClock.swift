import Synchronization
import Training

/// The time of a server: the `Date` of its last answer, carried on by this machine's monotonic
/// clock.
final class ServerClock: Sendable {
    private struct Reading {
        var date: Timestamp
        var moment: ContinuousClock.Instant
    }

    /// An older answer is not carried on: the two clocks drift.
    private static let longestCarry = Duration.seconds(300)

    private let reading = Mutex<Reading?>(nil)

    /// Takes the time of an answer that came just now.
    func note(_ date: Timestamp?) {
        guard let date else { return }
        let moment = ContinuousClock.now
        reading.withLock { reading in
            // `Date` has whole seconds: while it agrees, our own count is finer and not behind.
            if let current = ServerClock.time(of: reading, at: moment),
                date <= current, current < date + 1
            {
                return
            }
            reading = Reading(date: date, moment: moment)
        }
    }

    /// Nil when no answer is recent enough.
    func now() -> Timestamp? {
        let moment = ContinuousClock.now
        return reading.withLock { ServerClock.time(of: $0, at: moment) }
    }

    private static func time(
        of reading: Reading?, at moment: ContinuousClock.Instant
    ) -> Timestamp? {
        guard let reading, moment - reading.moment < longestCarry else { return nil }
        let milliseconds = (moment - reading.moment) / Duration.milliseconds(1)
        return Timestamp(milliseconds: reading.date.milliseconds + Int64(milliseconds))
    }
}
