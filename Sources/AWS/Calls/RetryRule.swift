import Training

/// What to do after a try that failed: the one table of retries (botocore's standard mode).
struct RetryRule: Sendable {
    /// Tries in all, the first one included.
    static let greatestTries = 3
    private static let longestWait = Duration.seconds(20)
    /// A clock that is closer than this to the service's is not why it refused.
    private static let tolerableSkew: Int64 = 240_000

    /// One failed try.
    struct Attempt: Sendable {
        var failure: AWSFailure
        /// The service's `Date`, and our own time when it came.
        var serverTime: Timestamp?
        var localTime: Timestamp
        /// What the service asks to wait for.
        var asksToWait: Duration?
    }

    enum Verdict: Hashable, Sendable {
        case giveUp
        /// Wait a random time up to this, but not less than the service asks.
        case again(atMost: Duration, atLeast: Duration, cost: Int)
        /// Sign by the service's clock from now on, which is so far ahead of ours.
        case correctClock(milliseconds: Int64)
        case renewCredentials
    }

    private(set) var tries = 0
    private var hasCorrectedClock = false
    private var hasRenewedCredentials = false
    private let retries: AWSRequest.Retries

    init(_ retries: AWSRequest.Retries) {
        self.retries = retries
    }

    mutating func verdict(on attempt: Attempt) -> Verdict {
        tries += 1
        guard tries < RetryRule.greatestTries else { return .giveUp }
        switch attempt.failure {
        case .refused(let error): return verdict(on: error, attempt)
        // Never sent, so repeating is harmless even where a second effect would not be.
        case .unreachable: return again(.milliseconds(50), attempt, cost: 5)
        case .unanswered:
            return retries == .safe ? again(.milliseconds(50), attempt, cost: 10) : .giveUp
        case .credentials, .unreadable, .malformed, .cancelled: return .giveUp
        }
    }

    private mutating func verdict(on error: ServiceError, _ attempt: Attempt) -> Verdict {
        if error.isThrottle { return again(.seconds(1), attempt, cost: 5) }
        if error.mayBeClock, let skew = RetryRule.skew(attempt) {
            guard !hasCorrectedClock else { return .giveUp }
            hasCorrectedClock = true
            return .correctClock(milliseconds: skew)
        }
        if error.meansExpiredCredentials {
            guard !hasRenewedCredentials else { return .giveUp }
            hasRenewedCredentials = true
            return .renewCredentials
        }
        guard error.isTransient, retries == .safe else { return .giveUp }
        return again(.milliseconds(50), attempt, cost: 5)
    }

    private func again(_ base: Duration, _ attempt: Attempt, cost: Int) -> Verdict {
        let ceiling = min(RetryRule.longestWait, base * (1 << (tries - 1)))
        let floor = min(RetryRule.longestWait, attempt.asksToWait ?? .zero)
        return .again(atMost: ceiling, atLeast: floor, cost: cost)
    }

    private static func skew(_ attempt: Attempt) -> Int64? {
        guard let serverTime = attempt.serverTime else { return nil }
        let skew = serverTime.milliseconds - attempt.localTime.milliseconds
        return abs(skew) > tolerableSkew ? skew : nil
    }
}

extension ServiceError {
    /// Botocore's list of codes by which services ask for fewer calls, whatever the status.
    package var isThrottle: Bool {
        switch code {
        case "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled",
            "RequestThrottledException", "TooManyRequestsException",
            "ProvisionedThroughputExceededException", "TransactionInProgressException",
            "RequestLimitExceeded", "BandwidthLimitExceeded", "LimitExceededException",
            "SlowDown", "PriorRequestNotComplete", "EC2ThrottledException":
            true
        default: status == 429
        }
    }

    /// Whether the same request may succeed a moment later; throttles aside.
    package var isTransient: Bool {
        switch code {
        case "RequestTimeout", "RequestTimeoutException", "InternalError", "InternalFailure",
            "ServiceUnavailable", "Unavailable", "InternalServerError":
            true
        // A pool that is dry is answered with status 500 at times and does not fill in a second.
        case "InsufficientInstanceCapacity", "InsufficientHostCapacity", "InsufficientCapacity":
            false
        default: [500, 502, 503, 504].contains(status)
        }
    }

    fileprivate var mayBeClock: Bool {
        switch code {
        case "RequestTimeTooSkewed", "RequestExpired", "SignatureDoesNotMatch", "AuthFailure",
            "InvalidSignatureException", "RequestInTheFuture":
            true
        default: false
        }
    }

    fileprivate var meansExpiredCredentials: Bool {
        ["ExpiredToken", "ExpiredTokenException", "RequestExpired"].contains(code)
    }
}
