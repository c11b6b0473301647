import Glibc
import Synchronization
import UnixSignals

/// SIGTERM and SIGINT as a wish to stop: the first one asks, a second one ends the process.
final class StopSignal: Sendable {
    private let flag = Mutex(false)

    var isSet: Bool { flag.withLock { $0 } }

    /// Takes the signals over until it is cancelled; calls `onStop` at the first one.
    func wait(onStop: @Sendable () -> Void = {}) async {
        for await signal in await UnixSignalsSequence(trapping: .sigterm, .sigint) {
            let isSecond = flag.withLock { flag in
                defer { flag = true }
                return flag
            }
            // By then the person means it; every effect so far is safe to lose.
            if isSecond { _exit(128 + signal.rawValue) }
            onStop()
        }
    }

    /// Sleeps in short pieces, so that a stop is not waited for.
    func sleep(for span: Duration) async {
        let end = ContinuousClock.now + span
        while !isSet, ContinuousClock.now < end {
            // Cancellation ends the wait as well as the span does.
            guard (try? await Task.sleep(for: .milliseconds(50))) != nil else { return }
        }
    }
}
