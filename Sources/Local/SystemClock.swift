import Glibc
package import Training

/// This machine's clock.
package struct SystemClock: WallClock {
    package init() {}

    package func now() -> Timestamp {
        Timestamp(milliseconds: SystemClock.nanoseconds() / 1_000_000)
    }

    package func sleep(for span: Duration) async throws {
        try await Task.sleep(for: span)
    }

    /// Nanoseconds since 1970.
    static func nanoseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
