import Local
import Training
import UnixSignals

/// Commands that show something again and again until SIGINT or SIGTERM.
enum Following {
    static let pause = Duration.seconds(1)

    /// Looks each second; returns after a signal.
    static func untilStopped(
        _ look: () async throws(CommandFailure) -> Void
    ) async throws(CommandFailure) {
        let stop = StopSignal()
        let waiting = Task { await stop.wait() }
        defer { waiting.cancel() }
        while !stop.isSet {
            try await look()
            await stop.sleep(for: pause)
        }
    }
}
