import Synchronization
import Training

/// The token buckets of one client, by region and class.
final class CallRates: Sendable {
    private struct Key: Hashable {
        var region: String
        var cost: CallClass
    }

    /// No caller waits longer for a token.
    static let longestWait = Duration.seconds(60)

    private let buckets = Mutex<[Key: TokenBucket]>([:])

    /// Waits for the token that a call costs; cancellable.
    func pay(
        for cost: CallClass, in region: String, by clock: any WallClock
    ) async throws(AWSFailure) {
        let wait = change(cost, region, clock) { bucket, now in
            bucket.take(at: now, waitingAtMost: CallRates.longestWait)
        }
        guard let wait else {
            throw .unreachable(
                "more than \(CallRates.longestWait.components.seconds) s of \(cost.rawValue) "
                    + "calls wait for \(region) already")
        }
        guard wait > .zero else { return }
        do {
            try await clock.sleep(for: wait)
        } catch {
            change(cost, region, clock) { bucket, _ in bucket.giveBack() }
            throw .cancelled
        }
    }

    func throttled(_ cost: CallClass, in region: String, by clock: any WallClock) {
        change(cost, region, clock) { bucket, now in bucket.throttled(at: now) }
    }

    @discardableResult
    private func change<Value: Sendable>(
        _ cost: CallClass, _ region: String, _ clock: any WallClock,
        _ body: (inout TokenBucket, Timestamp) -> Value
    ) -> Value {
        let now = clock.now()
        return buckets.withLock { buckets in
            body(
                &buckets[
                    Key(region: region, cost: cost), default: TokenBucket(cost.rate, at: now)],
                now)
        }
    }
}
