import CLinux
import Glibc

/// Signals to this process as values to wait for, without handlers (`signalfd`).
///
/// Make it before anything starts a thread: a thread that was there already would still be struck.
package final class SignalQueue: Sendable {
    private let descriptor: Int32

    /// Takes the signals over; nil when the system refuses.
    package init?(taking numbers: [Int32]) {
        descriptor = holdfast_signal_descriptor(numbers, numbers.count)
        guard descriptor >= 0 else { return nil }
    }

    deinit { close(descriptor) }

    /// The next signal; nil when `span` passed first or the task was cancelled.
    package func next(within span: Duration) async -> Int32? {
        guard await isReadable(descriptor, within: span) else { return nil }
        let number = holdfast_next_signal(descriptor)
        return number == 0 ? nil : number
    }
}
