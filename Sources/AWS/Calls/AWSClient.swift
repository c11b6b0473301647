import Synchronization
package import Training
package import Transport

/// Sends requests to AWS: addressed, paid for, signed, and repeated where that is right.
///
/// What one client learns it keeps for all its calls: how far this machine's clock is off, how fast
/// each region lets it go, and how much may still be spent on retries.
package final class AWSClient: Sendable {
    private struct Learned {
        /// How far the services' clocks are ahead of ours.
        var skew: Int64 = 0
        var jitter: any RandomNumberGenerator & Sendable
    }

    private let http: HTTPClient
    private let credentials: any CredentialSource
    private let endpoints: Endpoints
    private let clock: any WallClock
    private let signer = RequestSigner()
    private let rates = CallRates()
    private let quota = RetryQuota()
    private let learned: Mutex<Learned>

    /// Takes its parts; `jitter` draws the waits between tries.
    package init(
        http: HTTPClient, credentials: any CredentialSource, endpoints: Endpoints,
        clock: any WallClock,
        jitter: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    ) {
        self.http = http
        self.credentials = credentials
        self.endpoints = endpoints
        self.clock = clock
        learned = Mutex(Learned(jitter: jitter))
    }

    /// Sends a request and reads the whole answer.
    ///
    /// At most three tries, as `request.retries` allows; each under the request's deadline, with a
    /// bounded wait between them.
    package func send(_ request: AWSRequest) async throws(AWSFailure) -> AWSResponse {
        try await repeating(request, stall: request.body.isFile ? .seconds(30) : request.deadline) {
            (head, exchange) async throws(AWSFailure) in
            let body: [UInt8]
            do throws(TransportFailure) {
                body = try await exchange.collect()
            } catch {
                throw AWSFailure(error)
            }
            if let error = ErrorBody.late(request, head, body) { throw .refused(error) }
            return AWSResponse(
                status: head.status,
                headers: head.headers.map { (name: $0.name, value: $0.value) }, body: body,
                date: AWSClient.date(of: head))
        }
    }

    /// Sends a request whose answer may be too large for memory; tries end with the answer's head.
    package func open(_ request: AWSRequest) async throws(AWSFailure) -> AWSStream {
        try await repeating(request, stall: .seconds(30)) {
            (head, exchange) async throws(AWSFailure) in AWSStream(head, exchange)
        }
    }

    // MARK: Tries

    private typealias Read<Answer> = (HTTPHead, HTTPExchange) async throws(AWSFailure) -> Answer

    private func repeating<Answer>(
        _ request: AWSRequest, stall: Duration, _ read: Read<Answer>
    ) async throws(AWSFailure) -> Answer {
        var rule = RetryRule(request.retries)
        var paid = 1
        while true {
            if let cost = request.cost {
                try await rates.pay(for: cost, in: request.region, by: clock)
            }
            let exchange = http.open(try await prepared(request, stall: stall))
            var head: HTTPHead?
            let failure: AWSFailure
            do throws(AWSFailure) {
                head = try await AWSClient.head(of: exchange)
                if let head, head.status < 300 {
                    let answer = try await read(head, exchange)
                    quota.refill(paid)
                    return answer
                }
                failure = await AWSClient.refusal(request, head, exchange)
            } catch {
                failure = error
            }
            paid = try await repair(request, &rule, failure, head)
        }
    }

    /// Does what must be done before the next try and says what the try cost; throws `failure`
    /// when there is none.
    private func repair(
        _ request: AWSRequest, _ rule: inout RetryRule, _ failure: AWSFailure, _ head: HTTPHead?
    ) async throws(AWSFailure) -> Int {
        if case .refused(let error) = failure, error.isThrottle, let cost = request.cost {
            rates.throttled(cost, in: request.region, by: clock)
        }
        let now = clock.now()
        // As the request was signed: a clock that was put right since must be seen as well.
        let signed = Timestamp(milliseconds: now.milliseconds + learned.withLock(\.skew))
        let attempt = RetryRule.Attempt(
            failure: failure, serverTime: head.flatMap(AWSClient.date), localTime: signed,
            asksToWait: head.flatMap { AWSClient.wait(asked: $0, at: now) })
        switch rule.verdict(on: attempt) {
        case .giveUp: throw failure
        case .again(let most, let least, let cost):
            guard quota.pay(cost) else { throw failure }
            do {
                try await clock.sleep(for: max(least, drawn(upTo: most)))
            } catch {
                throw .cancelled
            }
            return cost
        case .correctClock(let milliseconds):
            learned.withLock { $0.skew += milliseconds }
        case .renewCredentials:
            await credentials.invalidate()
        }
        return 1
    }

    private func drawn(upTo most: Duration) -> Duration {
        let microseconds =
            most.components.seconds * 1_000_000
            + most.components.attoseconds / 1_000_000_000_000
        let part = learned.withLock { learned in
            Int64.random(in: 0...max(0, microseconds), using: &learned.jitter)
        }
        return .microseconds(part)
    }

    // MARK: One try

    private func prepared(
        _ request: AWSRequest, stall: Duration
    ) async throws(AWSFailure) -> HTTPRequest {
        let addressing: Addressing
        do throws(TransportFailure) {
            addressing = try Addressing(request, endpoints)
        } catch {
            throw AWSFailure(error)
        }
        var headers = addressing.canonical.headers
        if request.isSigned {
            let secret: AWSCredentials
            do throws(CredentialFailure) {
                secret = try await credentials.credentials()
            } catch {
                throw .credentials(error)
            }
            let now = clock.now()
            let skew = learned.withLock { $0.skew }
            headers = signer.signedHeaders(
                of: addressing.canonical, with: secret, service: request.service.rawValue,
                region: request.region,
                at: Timestamp(milliseconds: now.milliseconds + skew))
        }
        return HTTPRequest(
            request.method, addressing.url,
            headers: headers.filter { $0.name != "Host" }.map { HTTPHeader($0.name, $0.value) },
            body: request.body.http, isSentOnce: request.retries == .refusals,
            limits: HTTPLimits(
                connect: min(.seconds(10), request.deadline), total: request.deadline,
                stall: stall, responseBytes: request.responseLimit))
    }

    private static func head(of exchange: HTTPExchange) async throws(AWSFailure) -> HTTPHead {
        do throws(TransportFailure) {
            return try await exchange.head()
        } catch {
            throw AWSFailure(error)
        }
    }

    private static func refusal(
        _ request: AWSRequest, _ head: HTTPHead?, _ exchange: HTTPExchange
    ) async -> AWSFailure {
        guard let head else { return .unanswered("no head") }
        var body: [UInt8] = []
        // What the body says is only the better explanation: the status already refuses.
        while body.count < ErrorBody.greatestSize, let chunk = try? await exchange.next() {
            body += chunk
        }
        return Task.isCancelled ? .cancelled : .refused(ErrorBody.parse(request, head, body))
    }

    private static func date(of head: HTTPHead) -> Timestamp? {
        head["Date"].flatMap(HTTPDate.parse)
    }

    /// `Retry-After` in seconds or as a date, or `x-amz-retry-after` in milliseconds.
    static func wait(asked head: HTTPHead, at now: Timestamp) -> Duration? {
        if let milliseconds = head["x-amz-retry-after"].flatMap({ Int64($0) }) {
            return .milliseconds(milliseconds)
        }
        guard let text = head["Retry-After"] else { return nil }
        if let seconds = Int64(text) { return .seconds(seconds) }
        return HTTPDate.parse(text).map { date in
            .milliseconds(date.milliseconds - (AWSClient.date(of: head) ?? now).milliseconds)
        }
    }
}

extension AWSRequest.Body {
    fileprivate var isFile: Bool {
        if case .file = self { true } else { false }
    }

    fileprivate var http: HTTPRequest.Body {
        switch self {
        case .bytes(let bytes): .bytes(bytes)
        case .file(let path, let offset, let length, _):
            .file(path: path, offset: offset, length: length)
        }
    }
}
