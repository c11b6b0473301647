import Training

/// A rate limit of our own that learns from the service's: a throttle halves the rate, and quiet
/// time brings it back.
struct TokenBucket: Sendable {
    /// The most tokens it holds, and how many come each second.
    struct Rate: Hashable, Sendable {
        var burst: Double
        var perSecond: Double
    }

    /// The lowest part of the full rate that throttles lead to.
    private static let slowest = 1.0 / 16
    /// After so long without a throttle the rate doubles.
    private static let recovery: Int64 = 15_000

    private let rate: Rate
    private var factor = 1.0
    /// Below zero: promised to callers who wait.
    private var tokens: Double
    private var filled: Timestamp
    private var slowed: Timestamp

    init(_ rate: Rate, at now: Timestamp) {
        self.rate = rate
        tokens = rate.burst
        filled = now
        slowed = now
    }

    /// Takes one token and says how long the caller must wait for it; nil when that would be
    /// longer than `limit`, and then nothing is taken.
    mutating func take(at now: Timestamp, waitingAtMost limit: Duration) -> Duration? {
        refill(at: now)
        let missing = max(0, 1 - tokens)
        let wait = Duration.milliseconds(Int64(missing / (rate.perSecond * factor) * 1000))
        guard wait <= limit else { return nil }
        tokens -= 1
        return wait
    }

    /// Takes back the token of a caller who gave up waiting.
    mutating func giveBack() {
        tokens = min(rate.burst, tokens + 1)
    }

    /// The service refused a call: what is saved up is not there, and the rate is too high.
    mutating func throttled(at now: Timestamp) {
        refill(at: now)
        tokens = min(tokens, 0)
        factor = max(TokenBucket.slowest, factor / 2)
        slowed = now
    }

    private mutating func refill(at now: Timestamp) {
        // The wall clock may be set back; then nothing has come.
        let passed = max(0, now.milliseconds - filled.milliseconds)
        tokens = min(rate.burst, tokens + Double(passed) / 1000 * rate.perSecond * factor)
        filled = now
        while factor < 1, now.milliseconds - slowed.milliseconds >= TokenBucket.recovery {
            factor = min(1, factor * 2)
            slowed = Timestamp(milliseconds: slowed.milliseconds + TokenBucket.recovery)
        }
    }
}

extension CallClass {
    /// Half of what EC2 gives an account in a region (EC2 developer guide, "Request throttling for
    /// the Amazon EC2 API", read 2026-11).
    var rate: TokenBucket.Rate {
        switch self {
        case .describe: .init(burst: 50, perSecond: 10)
        case .mutate: .init(burst: 25, perSecond: 2.5)
        case .runInstances, .startInstances: .init(burst: 2.5, perSecond: 1)
        case .terminateInstances: .init(burst: 50, perSecond: 2.5)
        case .createTags: .init(burst: 50, perSecond: 5)
        }
    }
}
