import Synchronization

/// What all retries of a client may cost together, so that a failing service is not asked three
/// times as often as a healthy one (botocore's standard mode: 500).
final class RetryQuota: Sendable {
    private static let capacity = 500

    private let left = Mutex(RetryQuota.capacity)

    /// Pays for one retry; false when there is nothing left.
    func pay(_ cost: Int) -> Bool {
        left.withLock { left in
            guard left >= cost else { return false }
            left -= cost
            return true
        }
    }

    /// A call succeeded: gives back what its last retry cost, or one.
    func refill(_ amount: Int) {
        left.withLock { $0 = min(RetryQuota.capacity, $0 + amount) }
    }
}
