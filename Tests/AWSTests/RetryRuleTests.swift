import Testing
import Training

@testable import AWS

struct RetryRuleTests {
    private let now = Timestamp(milliseconds: 1_800_000_000_000)

    private func attempt(
        _ code: String, status: Int = 400, serverAhead: Seconds? = nil,
        asksToWait: Duration? = nil
    ) -> RetryRule.Attempt {
        RetryRule.Attempt(
            failure: .refused(
                ServiceError(service: .ec2, status: status, code: code, message: "")),
            serverTime: serverAhead.map { now + $0 }, localTime: now, asksToWait: asksToWait)
    }

    @Test(
        "each code that asks for fewer calls → up to one second, then two, then the end",
        arguments: [
            "Throttling", "RequestLimitExceeded", "SlowDown", "EC2ThrottledException",
            "TooManyRequestsException", "PriorRequestNotComplete",
        ])
    func throttles(_ code: String) {
        var rule = RetryRule(.refusals)
        let attempt = attempt(code, status: 503)
        #expect(
            rule.verdict(on: attempt) == .again(atMost: .seconds(1), atLeast: .zero, cost: 5))
        #expect(
            rule.verdict(on: attempt) == .again(atMost: .seconds(2), atLeast: .zero, cost: 5))
        #expect(rule.verdict(on: attempt) == .giveUp)
    }

    @Test("a wait that the service asks for → honoured up to twenty seconds")
    func askedWait() {
        for (asked, granted) in [(3, 3), (20, 20), (3600, 20), (-5, -5)] {
            var rule = RetryRule(.safe)
            let verdict = rule.verdict(on: attempt("SlowDown", asksToWait: .seconds(asked)))
            #expect(
                verdict == .again(atMost: .seconds(1), atLeast: .seconds(granted), cost: 5))
        }
    }

    @Test("5xx and broken connections → repeated only where a second effect does no harm")
    func effects() {
        let lost = RetryRule.Attempt(
            failure: .unanswered("lost"), serverTime: nil, localTime: now, asksToWait: nil)
        let unsent = RetryRule.Attempt(
            failure: .unreachable("refused"), serverTime: nil, localTime: now, asksToWait: nil)
        for attempt in [lost, attempt("InternalError", status: 500), attempt("X", status: 502)] {
            var safe = RetryRule(.safe)
            var once = RetryRule(.refusals)
            #expect(safe.verdict(on: attempt) != .giveUp)
            #expect(once.verdict(on: attempt) == .giveUp)
        }
        var once = RetryRule(.refusals)
        #expect(once.verdict(on: unsent) != .giveUp)
    }

    @Test("definite errors, and an empty pool with status 500 → never repeated")
    func definite() {
        for attempt in [
            attempt("InvalidParameterValue"), attempt("UnauthorizedOperation", status: 403),
            attempt("InsufficientInstanceCapacity", status: 500), attempt("NoSuchKey", status: 404),
            attempt("AuthFailure", status: 401), attempt("PreconditionFailed", status: 412),
        ] {
            var rule = RetryRule(.safe)
            #expect(rule.verdict(on: attempt) == .giveUp)
        }
    }

    @Test("a clock off by more than four minutes → corrected once; less → not the clock")
    func clock() {
        for code in ["RequestTimeTooSkewed", "SignatureDoesNotMatch", "AuthFailure"] {
            var rule = RetryRule(.refusals)
            let late = attempt(code, status: 403, serverAhead: 241)
            #expect(rule.verdict(on: late) == .correctClock(milliseconds: 241_000))
            #expect(rule.verdict(on: late) == .giveUp)
            var other = RetryRule(.refusals)
            #expect(other.verdict(on: attempt(code, status: 403, serverAhead: -240)) == .giveUp)
        }
    }

    @Test("RequestExpired → by the clock where it is off, else by the credentials, once each")
    func expired() {
        var skewed = RetryRule(.refusals)
        #expect(
            skewed.verdict(on: attempt("RequestExpired", serverAhead: -900))
                == .correctClock(milliseconds: -900_000))
        #expect(
            skewed.verdict(on: attempt("RequestExpired", serverAhead: 0)) == .renewCredentials)
        var old = RetryRule(.refusals)
        #expect(old.verdict(on: attempt("ExpiredToken", serverAhead: 0)) == .renewCredentials)
        #expect(old.verdict(on: attempt("ExpiredToken", serverAhead: 0)) == .giveUp)
    }
}

struct TokenBucketTests {
    private let start = Timestamp(milliseconds: 1_800_000_000_000)

    private func bucket() -> TokenBucket {
        TokenBucket(TokenBucket.Rate(burst: 4, perSecond: 2), at: start)
    }

    @Test("a burst → at once; more → one after the other at the rate")
    func burst() {
        var bucket = bucket()
        let waits = (0..<6).map { _ in bucket.take(at: start, waitingAtMost: .seconds(60)) }
        #expect(waits == [.zero, .zero, .zero, .zero, .milliseconds(500), .seconds(1)])
        #expect(bucket.take(at: start + 60, waitingAtMost: .zero) == .zero)
    }

    @Test("a wait beyond the limit → refused, and nothing is taken")
    func limit() {
        var bucket = bucket()
        for _ in 0..<6 { _ = bucket.take(at: start, waitingAtMost: .seconds(60)) }
        #expect(bucket.take(at: start, waitingAtMost: .seconds(1)) == nil)
        #expect(bucket.take(at: start, waitingAtMost: .seconds(60)) == .milliseconds(1500))
        bucket.giveBack()
        #expect(bucket.take(at: start, waitingAtMost: .seconds(60)) == .milliseconds(1500))
    }

    @Test("throttles → half the rate each, down to a sixteenth; quiet time → back to all of it")
    func throttle() {
        var bucket = bucket()
        bucket.throttled(at: start)
        #expect(bucket.take(at: start, waitingAtMost: .seconds(60)) == .seconds(1))
        for _ in 0..<20 { bucket.throttled(at: start) }
        bucket.giveBack()
        #expect(bucket.take(at: start, waitingAtMost: .seconds(60)) == .seconds(8))
        // Four times fifteen seconds double the rate four times.
        let later = start + 60
        for _ in 0..<4 { _ = bucket.take(at: later, waitingAtMost: .seconds(60)) }
        _ = bucket.take(at: later, waitingAtMost: .seconds(60))
        let next = bucket.take(at: later, waitingAtMost: .seconds(60))
        #expect(next.map { $0 <= .milliseconds(1000) } == true)
    }

    @Test("a clock that is set back → no tokens from nothing")
    func setBack() {
        var bucket = bucket()
        for _ in 0..<4 { _ = bucket.take(at: start, waitingAtMost: .zero) }
        #expect(bucket.take(at: start - 3600, waitingAtMost: .zero) == nil)
    }
}
