import Glibc
package import Training

/// This machine's clock.
package struct RealClock: WallClock {
    package init() {}

    package func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(
            milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    package func sleep(for span: Duration) async throws {
        try await Task.sleep(for: span)
    }
}
