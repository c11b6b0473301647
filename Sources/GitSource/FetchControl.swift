import Synchronization
import Training
import Transport

/// What one fetch may do and for how long, shared with libgit2's callbacks.
///
/// It also carries the typed failure out of them, since libgit2 hands on only a number and a text.
final class FetchControl: Sendable {
    private struct State {
        var isCancelled = false
        var exchange: HTTPExchange?
        var failure: SourceFailure?
    }

    let limits: SourceLimits
    /// Nil where no HTTP is needed.
    let client: HTTPClient?
    let credential: HTTPCredential?
    private let deadline: ContinuousClock.Instant
    private let state = Mutex(State())

    init(limits: SourceLimits, client: HTTPClient?, credential: HTTPCredential?) {
        self.limits = limits
        self.client = client
        self.credential = credential
        deadline = .now + limits.fetch
    }

    /// The time that is left; zero or less when it has passed.
    var left: Duration { deadline - .now }

    /// Ends the fetch from any thread.
    func cancel() {
        let exchange = state.withLock { state in
            state.isCancelled = true
            return state.exchange
        }
        exchange?.cancel()
    }

    /// Throws once the fetch is cancelled or out of time.
    func check() throws(SourceFailure) {
        if state.withLock({ $0.isCancelled }) { throw .unreachable("cancelled") }
        if left <= .zero {
            throw .unreachable("the fetch took longer than \(limits.fetch)")
        }
    }

    /// Names the exchange that a cancellation must end.
    func track(_ exchange: HTTPExchange) {
        let isCancelled = state.withLock { state in
            state.exchange = exchange
            return state.isCancelled
        }
        if isCancelled { exchange.cancel() }
    }

    /// Keeps the first failure: what follows from it says less.
    func fail(_ failure: SourceFailure) {
        state.withLock { state in
            if state.failure == nil { state.failure = failure }
        }
    }

    /// Throws what a callback found, or else `other` with libgit2's message, when a call failed.
    func attempt(
        _ doing: String, or other: (String) -> SourceFailure, _ code: Int32
    ) throws(SourceFailure) {
        guard code < 0 else { return }
        let message = GitCall.lastMessage(code)
        if let failure = state.withLock({ $0.failure }) { throw failure }
        throw other("cannot \(doing): \(message)")
    }
}
