import Training
package import Transport

/// Instance metadata, version 2 only: a token by PUT, then GETs that carry it.
///
/// Rules of tokens and statuses from the EC2 user guide, "Use the Instance Metadata Service". Never
/// through a proxy, never redirected. A time-out, a broken connection, 429 and 5xx are tried again.
package actor MetadataClient {
    /// The longest life that the service gives a token.
    static let tokenLife = 21_600

    private let base: Result<HTTPURL, MetadataFailure>
    private let http: HTTPClient
    private let tries: Int
    private let timeout: Duration
    private var token: Token?

    private struct Token {
        var text: String
        var renewal: ContinuousClock.Instant
    }

    /// A token as the service gave it, and for how long.
    static func token(
        in response: HTTPResponse
    ) throws(MetadataFailure) -> (text: String, life: Duration) {
        let text = SmallFile.trimmed(String(decoding: response.body, as: UTF8.self))
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            throw .malformed("api/token: the answer is not a token")
        }
        let given = response.head["X-aws-ec2-metadata-token-ttl-seconds"].flatMap { Int($0) }
        return (text, .seconds(min(max(given ?? tokenLife, 1), tokenLife)))
    }

    /// `environment` may hold `AWS_EC2_METADATA_SERVICE_ENDPOINT` and `AWS_EC2_METADATA_DISABLED`;
    /// `timeout` is of one try.
    package init(
        environment: [String: String], http: HTTPClient, tries: Int = 3,
        timeout: Duration = .seconds(2)
    ) {
        self.http = http
        self.tries = tries
        self.timeout = timeout
        if environment["AWS_EC2_METADATA_DISABLED"]?.lowercased() == "true" {
            base = .failure(.forbidden("AWS_EC2_METADATA_DISABLED turns instance metadata off"))
            return
        }
        let chosen = environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] ?? ""
        do throws(TransportFailure) {
            base = .success(try HTTPURL(chosen.isEmpty ? "http://169.254.169.254" : chosen))
        } catch {
            base = .failure(.malformed("AWS_EC2_METADATA_SERVICE_ENDPOINT: \(error)"))
        }
    }

    /// What stands at a path below `/latest/`, percent-encoded; nil where there is nothing.
    ///
    /// `limit` is in bytes; more is malformed.
    func get(_ path: String, limit: Int = 64 << 10) async throws(MetadataFailure) -> [UInt8]? {
        var mayRenew = true
        while true {
            let token = try await currentToken()
            let response = try await send(
                .get, path, HTTPHeader("X-aws-ec2-metadata-token", token), limit: limit)
            switch response.head.status {
            case 200: return response.body
            case 404: return nil
            case 401 where mayRenew:
                self.token = nil
                mayRenew = false
            case let status: throw MetadataClient.failure(path, status)
            }
        }
    }

    private func currentToken() async throws(MetadataFailure) -> String {
        if let token, token.renewal > .now { return token.text }
        let life = MetadataClient.tokenLife
        let asked = ContinuousClock.now
        let response = try await send(
            .put, "api/token", HTTPHeader("X-aws-ec2-metadata-token-ttl-seconds", "\(life)"),
            limit: 4096)
        guard response.head.status == 200 else {
            throw MetadataClient.failure("api/token", response.head.status)
        }
        let (text, span) = try MetadataClient.token(in: response)
        // Renewed a minute before its end, or after half of a very short life.
        token = Token(text: text, renewal: asked + max(span - .seconds(60), span / 2))
        return text
    }

    private func send(
        _ method: HTTPRequest.Method, _ path: String, _ header: HTTPHeader, limit: Int
    ) async throws(MetadataFailure) -> HTTPResponse {
        let request = try request(method, path, header, limit: limit)
        var failure = MetadataFailure.unavailable("\(path): not asked")
        for attempt in 1...max(tries, 1) {
            do throws(TransportFailure) {
                let response = try await http.send(request)
                let status = response.head.status
                guard status == 429 || status >= 500 else { return response }
                failure = .unavailable("\(path): status \(status)")
            } catch {
                if case .tooLarge = error { throw .malformed("\(path): \(error)") }
                failure = .unavailable("\(path): \(error)")
                if error == .cancelled { break }
            }
            guard attempt < tries else { break }
            try? await Task.sleep(for: .milliseconds(100 << attempt))
        }
        throw failure
    }

    private func request(
        _ method: HTTPRequest.Method, _ path: String, _ header: HTTPHeader, limit: Int
    ) throws(MetadataFailure) -> HTTPRequest {
        let base = try base.get()
        do throws(TransportFailure) {
            let prefix = base.path.hasSuffix("/") ? base.path : base.path + "/"
            return HTTPRequest(
                method, try base.with(path: "\(prefix)latest/\(path)"), headers: [header],
                usesProxy: false,
                limits: HTTPLimits(connect: timeout, total: timeout, responseBytes: limit))
        } catch {
            throw .malformed("\(path): \(error)")
        }
    }

    private static func failure(_ path: String, _ status: Int) -> MetadataFailure {
        switch status {
        case 403: .forbidden("\(path): instance metadata is turned off or forbidden here")
        case 401: .unavailable("\(path): a new token is refused too")
        default: .malformed("\(path): status \(status)")
        }
    }
}

extension MetadataFailure {
    /// For people.
    var detail: String {
        switch self {
        case .forbidden(let detail), .unavailable(let detail), .malformed(let detail): detail
        }
    }
}
