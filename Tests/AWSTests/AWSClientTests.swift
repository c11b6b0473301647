import AWS
import TestSupport
import Testing
import Training
import Transport

/// Against a server that recomputes each signature with botocore.
struct AWSClientTests {
    private static let shared = Result { try ScriptServer("aws_server.py") }
    private let server: ScriptServer
    private let clock: RecordingClock
    private let credentials = AgeingCredentials()
    private let client: AWSClient

    init() throws {
        server = try Self.shared.get()
        clock = RecordingClock()
        client = try Self.client(server, credentials, clock)
    }

    private static func client(
        _ server: ScriptServer, _ credentials: any CredentialSource, _ clock: any WallClock
    ) throws -> AWSClient {
        AWSClient(
            http: try HTTPClient(trust: TrustAnchors(file: nil, directory: nil)),
            credentials: credentials,
            endpoints: Endpoints(everything: try HTTPURL(server.url(""))), clock: clock,
            jitter: SplitMix64(seed: 1))
    }

    private func request(
        _ service: AWSService = .ec2, _ method: AWSRequest.Method = .get, _ path: String
    ) -> AWSRequest {
        AWSRequest(service, region: "us-east-1", method, path: path)
    }

    private func failure(of request: AWSRequest) async -> AWSFailure? {
        do throws(AWSFailure) {
            _ = try await client.send(request)
            return nil
        } catch {
            return error
        }
    }

    private func refusal(of request: AWSRequest) async -> ServiceError? {
        if case .refused(let error) = await failure(of: request) { error } else { nil }
    }

    /// How often the server saw a path.
    private func calls(_ path: String) async throws -> Int {
        let http = try HTTPClient(trust: TrustAnchors(file: nil, directory: nil))
        let log = try await http.send(HTTPRequest(.get, try HTTPURL(server.url("log")))).body
        return String(decoding: log, as: UTF8.self).split(separator: "\n")
            .count { $0.contains(" \(path) ") }
    }

    // MARK: What is sent

    @Test("awkward keys, queries, headers and bodies → signed as botocore signs them")
    func signatures() async throws {
        for key in [
            "a b", "a//b/./c/../d", "ü/日本/🙂", "100%/a%2Fb", "a+b&c=d;e:f@g,h$i!(j)*'k'",
            "~\"<>^`{|}",
        ] {
            var request = request(.s3, .put, "/ok/\(key)")
            request.query = [("uploads", nil), ("b", "2"), ("a", "x y/z"), ("a", "1")]
            request.headers = [
                ("X-Note", "seen"), ("x-amz-meta-run", "  a   b "), ("x-amz-meta-run-id", ""),
            ]
            request.body = .bytes(Array("body of \(key)".utf8))
            let response = try await client.send(request)
            #expect(response["x-seen"] == "seen")
            #expect(response.date != nil)
            let text = String(decoding: response.body, as: UTF8.self)
            #expect(text.contains("?a=1&a=x%20y%2Fz&b=2&uploads="), "\(text)")
        }
        for service in AWSService.allCases {
            var request = request(service, .post, "/ok/a//b/../c d")
            request.headers = [QueryForm.contentType]
            request.body = .bytes(QueryForm(action: "A", version: "1").bytes)
            #expect(try await client.send(request).status == 200, "\(service)")
        }
    }

    @Test("a bucket → the first part of the path at a server of the user's choice")
    func pathStyle() async throws {
        var request = request(.s3, .get, "/key")
        request.hostPrefix = "ok"
        let body = try await client.send(request).body
        #expect(String(decoding: body, as: UTF8.self).hasPrefix("GET /ok/key "))
    }

    @Test("an unsigned request → carries no signature and asks for no credentials")
    func unsigned() async throws {
        var request = request(.sts, .post, "/unsigned/a")
        request.isSigned = false
        #expect(try await client.send(request).status == 200)
        #expect(await credentials.asked == 0)
    }

    @Test("a part of a file → streamed and signed by the digest given")
    func file() async throws {
        let directory = try TemporaryDirectory()
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        directory.write("part", bytes)
        let part = Array(bytes[1000..<250_000])
        var request = request(.s3, .put, "/ok/part")
        request.body = .file(
            path: directory("part"), offset: 1000, length: part.count, sha256: Digest(of: part))
        let answer = try await client.send(request)
        #expect(
            String(decoding: answer.body, as: UTF8.self)
                == "PUT /ok/part \(Digest(of: part).hex)")
        // The kept connection is closed after the body was read: it must be read again.
        request.path = "/lost/2/part"
        let repeated = try await client.send(request)
        #expect(
            String(decoding: repeated.body, as: UTF8.self)
                == "PUT /lost/2/part \(Digest(of: part).hex)")
        request.body = .file(
            path: directory("part"), offset: 1000, length: 300_000, sha256: Digest(of: part))
        guard case .unreadable? = await failure(of: request) else {
            Issue.record("a short file was sent")
            return
        }
    }

    // MARK: Retries

    @Test("throttles → repeated after a random wait of up to one and two seconds")
    func throttles() async throws {
        var request = request(.ec2, .post, "/throttle/2/a")
        request.retries = .refusals
        #expect(try await client.send(request).status == 200)
        #expect(clock.sleeps.count == 2)
        #expect(clock.sleeps[0] <= .seconds(1) && clock.sleeps[1] <= .seconds(2))
        #expect(clock.sleeps[0] != clock.sleeps[1])
    }

    @Test("throttles without end → three tries, then the service's own words")
    func endlessThrottles() async throws {
        let error = await refusal(of: request(.ec2, .get, "/throttle/9/b"))
        #expect(error?.code == "RequestLimitExceeded")
        #expect(error?.status == 503)
        #expect(error?.requestID == "ec2-request")
        #expect(try await calls("/throttle/9/b") == 3)
    }

    @Test("Retry-After → no shorter wait")
    func retryAfter() async throws {
        #expect(try await client.send(request(.s3, .get, "/slow-down/1/a")).status == 200)
        #expect(clock.sleeps.count == 1)
        #expect(clock.sleeps[0] >= .seconds(7) && clock.sleeps[0] <= .seconds(20))
    }

    @Test("500, a lost reply, a body that breaks off → repeated only where that is safe")
    func transient() async throws {
        for fault in ["fail", "lost", "cut", "late"] {
            #expect(
                try await client.send(request(.s3, .post, "/\(fault)/2/safe")).status == 200,
                "\(fault)")
            #expect(try await calls("/\(fault)/2/safe") == 3)
            var once = request(.s3, .post, "/\(fault)/1/once")
            once.retries = .refusals
            let failure = await failure(of: once)
            switch failure {
            case .refused(let error)?: #expect(error.code == "InternalError", "\(fault)")
            case .unanswered?: #expect(fault == "lost" || fault == "cut")
            default: Issue.record("\(fault): \(String(describing: failure))")
            }
            #expect(try await calls("/\(fault)/1/once") == 1)
        }
    }

    @Test("an empty pool answered with 500 → not repeated")
    func dry() async throws {
        #expect(await refusal(of: request(.ec2, .post, "/dry/a"))?.status == 500)
        #expect(try await calls("/dry/a") == 1)
    }

    @Test("nobody listens → three tries, unreachable")
    func unreachable() async throws {
        let client = AWSClient(
            http: try HTTPClient(trust: TrustAnchors(file: nil, directory: nil)),
            credentials: credentials,
            endpoints: Endpoints(everything: try HTTPURL("http://127.0.0.1:1/")), clock: clock)
        await #expect {
            _ = try await client.send(request(.ec2, .get, "/ok/a"))
        } throws: {
            if case .unreachable? = $0 as? AWSFailure { true } else { false }
        }
        #expect(clock.sleeps.count == 2)
    }

    @Test("a service that fails all the time → the quota ends the retries")
    func quota() async throws {
        for index in 0..<60 {
            _ = await failure(of: request(.s3, .get, "/fail/3/\(index)"))
        }
        #expect(clock.sleeps.count == 100)
        #expect(try await calls("/fail/3/59") == 1)
    }

    // MARK: Clock and credentials

    @Test("a clock that is wrong → corrected once from the answer's date, and remembered")
    func skew() async throws {
        let clock = RecordingClock(ahead: -7200)
        let client = try Self.client(server, credentials, clock)
        var request = request(.s3, .put, "/skewed/0/a")
        request.retries = .refusals
        #expect(try await client.send(request).status == 200)
        #expect(try await client.send(self.request(.ec2, .get, "/skewed/0/b")).status == 200)
        #expect(try await calls("/skewed/0/a") == 2)
        #expect(try await calls("/skewed/0/b") == 1)
        #expect(try await client.send(self.request(.ec2, .get, "/skewed/900/c")).status == 200)
        #expect(clock.sleeps.isEmpty)
    }

    @Test("a wrong secret → not mistaken for a wrong clock")
    func wrongSecret() async throws {
        struct Wrong: CredentialSource {
            func credentials() -> AWSCredentials {
                AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "hunter2hunter2")
            }
            func invalidate() {}
        }
        let client = try Self.client(server, Wrong(), clock)
        do throws(AWSFailure) {
            _ = try await client.send(request(.ec2, .get, "/ok/wrong"))
            Issue.record("accepted")
        } catch {
            #expect("\(error)".contains("SignatureDoesNotMatch"))
            #expect(!"\(error)".contains("hunter2"))
        }
        #expect(try await calls("/ok/wrong") == 1)
    }

    @Test("an expired session token → fresh credentials once, then as the service says")
    func expired() async throws {
        #expect(try await client.send(request(.s3, .get, "/expired/a")).status == 200)
        #expect(await credentials.invalidations == 1)
        let lasting = AgeingCredentials(ages: false)
        let client = try Self.client(server, lasting, clock)
        do throws(AWSFailure) {
            _ = try await client.send(request(.s3, .get, "/expired/b"))
            Issue.record("accepted")
        } catch {
            #expect("\(error)".contains("ExpiredToken"))
        }
        #expect(await lasting.invalidations == 1)
    }

    @Test("no credentials → said so, and nothing is sent")
    func noCredentials() async throws {
        struct None: CredentialSource {
            func credentials() throws(CredentialFailure) -> AWSCredentials {
                throw CredentialFailure("run `aws configure`")
            }
            func invalidate() {}
        }
        let client = try Self.client(server, None(), clock)
        await #expect(throws: AWSFailure.credentials(CredentialFailure("run `aws configure`"))) {
            _ = try await client.send(request(.ec2, .get, "/ok/none"))
        }
        #expect(try await calls("/ok/none") == 0)
    }

    // MARK: Errors

    @Test("an error in each form → its code, message and request id")
    func errors() async throws {
        let sts = await refusal(of: request(.sts, .post, "/sts/a"))
        #expect(sts?.code == "AccessDenied")
        #expect(sts?.message == "not you")
        #expect(sts?.requestID == "sts-request")
        let ssm = await refusal(of: request(.ssm, .post, "/json/a"))
        #expect(ssm?.code == "ParameterNotFound")
        #expect(ssm?.message == "no such name")
        #expect(ssm?.requestID == "json-request")
        let missing = await refusal(of: request(.s3, .get, "/nothing"))
        #expect(missing?.code == "NoSuchKey")
        #expect(missing?.requestID == "S3REQUEST")
        for (status, code) in [
            (304, "NotModified"), (404, "NotFound"), (403, "Forbidden"),
            (412, "PreconditionFailed"),
        ] {
            let error = await refusal(of: request(.s3, .head, "/status/\(status)/a"))
            #expect(error?.code == code)
            #expect(error?.status == status)
        }
    }

    @Test("an authorisation failure → short, without its encoded part")
    func denied() async throws {
        let error = await refusal(of: request(.ec2, .post, "/denied/a"))
        #expect(error?.code == "UnauthorizedOperation")
        #expect(error?.message == "You are not authorized to perform this operation. Ask us.")
        #expect(error?.encodedAuthorization?.count == 16 * 90)
        #expect("\(AWSFailure.refused(try #require(error)))".contains("4GIOH") == false)
    }

    @Test("an error echoes what was signed → the session token in no message")
    func echoed() async throws {
        let codes = ["xml": "SignatureDoesNotMatch", "json": "InvalidSignatureException"]
        for (form, code) in codes {
            let error = try #require(
                await refusal(of: request(.sts, .post, "/echo/\(form)/a")))
            #expect(error.code == code)
            #expect(
                error.message
                    == "The request signature we calculated does not match the signature you "
                    + "provided.")
        }
    }

    @Test("a bucket of another region → its region is named")
    func elsewhere() async throws {
        let error = await refusal(of: request(.s3, .get, "/elsewhere/a"))
        #expect(error?.code == "PermanentRedirect")
        #expect(error?.message.contains("eu-west-1") == true)
    }

    // MARK: Streams, deadlines, cancellation

    @Test("a large answer → read piece by piece, after a throttle")
    func stream() async throws {
        var large = request(.s3, .get, "/bytes/2560000")
        large.responseLimit = 4 << 20
        let stream = try await client.open(large)
        #expect(stream["content-length"] == "2560000")
        var count = 0
        var parts = 0
        while let part = try await stream.next() {
            count += part.count
            parts += 1
        }
        #expect(count == 2_560_000)
        #expect(parts > 1)
        let throttled = try await client.open(request(.s3, .get, "/slow-down/1/stream"))
        #expect(throttled.status == 200)
    }

    @Test("an answer slower than the deadline → unanswered; larger than the limit → malformed")
    func bounds() async throws {
        var slow = request(.s3, .get, "/drip/a")
        slow.deadline = .milliseconds(300)
        slow.retries = .refusals
        guard case .unanswered? = await failure(of: slow) else {
            Issue.record("answered")
            return
        }
        var large = request(.s3, .get, "/bytes/25600")
        large.responseLimit = 25_599
        guard case .malformed? = await failure(of: large) else {
            Issue.record("taken")
            return
        }
    }

    @Test("a cancelled task → cancelled, while it waits as while it is answered")
    func cancellation() async throws {
        let call = Task { await failure(of: request(.s3, .get, "/drip/b")) }
        try await Task.sleep(for: .milliseconds(100))
        call.cancel()
        #expect(await call.value == .cancelled)
        let throttled = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await failure(of: request(.s3, .get, "/ok/c"))
        }
        #expect(await throttled.value == .cancelled)
    }

    @Test("more calls than a class allows → they wait for our own tokens; a throttle slows them")
    func rates() async throws {
        for index in 0..<4 {
            var request = request(.ec2, .post, "/ok/rate\(index)")
            request.cost = .runInstances
            _ = try await client.send(request)
        }
        // Two and a half tokens are saved up, then one comes each second.
        #expect(clock.sleeps.count == 2)
        #expect(clock.sleeps.allSatisfy { $0 > .milliseconds(300) && $0 <= .seconds(1) })
        var other = request(.ec2, .get, "/ok/other")
        other.cost = .describe
        _ = try await client.send(other)
        #expect(clock.sleeps.count == 2)
    }
}
