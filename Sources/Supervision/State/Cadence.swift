package import Training

/// Something that is done again and again, one at a time.
package struct Cadence: Hashable, Sendable {
    /// Milliseconds from one start to the next.
    package var every: Int
    private var due: Timestamp?
    private var isUnderWay = false

    package init(every: Int) {
        self.every = every
    }

    /// When to start next; nil while one is under way or nothing was started yet.
    package var next: Timestamp? { isUnderWay ? nil : due }

    /// Whether to start now; if so, it counts as started.
    package mutating func starts(at now: Timestamp) -> Bool {
        guard !isUnderWay, due.map({ $0 <= now }) ?? true else { return false }
        isUnderWay = true
        due = now.after(milliseconds: every)
        return true
    }

    package mutating func ended() {
        isUnderWay = false
    }

    /// Makes the next one start as soon as it can.
    package mutating func hasten(at now: Timestamp) {
        due = now
    }
}

/// Growing waits between tries of one thing.
package struct Backoff: Hashable, Sendable {
    private static let first = 500
    private static let longest = 60_000

    package private(set) var failures = 0
    package private(set) var retryAt: Timestamp?

    package init() {}

    package func allows(_ now: Timestamp) -> Bool {
        retryAt.map { $0 <= now } ?? true
    }

    package mutating func failed(at now: Timestamp) {
        failures += 1
        let wait = min(Backoff.longest, Backoff.first << min(failures - 1, 10))
        retryAt = now.after(milliseconds: wait)
    }

    package mutating func succeeded() {
        failures = 0
        retryAt = nil
    }
}

extension Timestamp {
    package func after(milliseconds: Int) -> Timestamp {
        Timestamp(milliseconds: self.milliseconds + Int64(milliseconds))
    }
}
