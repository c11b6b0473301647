import Glibc
import Synchronization
import Training

/// The double's time: real time, run faster when asked, and set forward or back on command.
final class DoubleClock: Sendable {
    /// How many seconds of the double pass in a real one.
    let scale: Double
    private let start: Int64
    private let shift = Mutex<Int64>(0)

    init(scale: Double) {
        self.scale = scale
        start = DoubleClock.real()
    }

    var now: Timestamp {
        let passed = Double(DoubleClock.real() - start) * scale
        return Timestamp(milliseconds: start + Int64(passed) + shift.withLock { $0 })
    }

    /// Sets the clock forward (or back), for everything that reads it.
    func advance(milliseconds: Int64) {
        shift.withLock { $0 += milliseconds }
    }

    private static func real() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
