import Glibc
import TestSupport
import Testing
import Transport

/// One server for the suite; every test has paths of its own.
struct HTTPClientTests {
    private let server: ScriptServer
    private let client: HTTPClient

    init() throws {
        server = try ScriptServer("git_http_server.py")
        client = try HTTPClient(trust: TrustAnchors(file: nil, directory: nil))
    }

    private func request(
        _ method: HTTPRequest.Method = .get, _ path: String, limits: HTTPLimits = HTTPLimits()
    ) throws -> HTTPRequest {
        HTTPRequest(method, try HTTPURL(server.url(path)), limits: limits)
    }

    private func failure(of request: HTTPRequest) async -> TransportFailure? {
        do throws(TransportFailure) {
            _ = try await client.send(request)
            return nil
        } catch {
            return error
        }
    }

    @Test("a body, headers and a credential → the server gets just these")
    func echo() async throws {
        for method in [HTTPRequest.Method.post, .put] {
            var request = try request(method, "echo?a=1")
            request.headers = [HTTPHeader("X-One", "1"), HTTPHeader("X-Empty", "")]
            request.credential = .basic(username: "ann", password: "päss")
            request.body = .bytes(Array("a\0b".utf8))
            let response = try await client.send(request)
            let text = String(decoding: response.body, as: UTF8.self)
            #expect(response.head.status == 200)
            #expect(response.head["x-NOTE"] == "spaced")
            #expect(text.hasPrefix("\(method.rawValue) /echo?a=1\n"))
            #expect(text.contains("X-One: 1\n"))
            #expect(text.contains("X-Empty: \n"))
            #expect(text.contains("Authorization: Basic YW5uOnDDpHNz\n"))
            #expect(text.contains("Content-Length: 3\n"))
            #expect(!text.contains("Content-Type"))
            #expect(!text.contains("Expect"))
            #expect(text.hasSuffix("a\0b"))
        }
    }

    @Test("a part of a file as the body → just these bytes")
    func fileBody() async throws {
        let directory = try TemporaryDirectory()
        let bytes = (0..<1_500_000).map { UInt8(ascii: "a") + UInt8($0 / 7 % 26) }
        directory.write("part", bytes)
        for (offset, length) in [(0, 1_500_000), (100, 1_400_000), (7, 1), (1_500_000, 0)] {
            for method in [HTTPRequest.Method.put, .post] {
                var request = try request(method, "echo")
                request.body = .file(path: directory("part"), offset: offset, length: length)
                let body = try await client.send(request).body
                // Not the arrays themselves: the report of a difference would take for ever.
                let isSame = body.suffix(length).elementsEqual(bytes[offset...].prefix(length))
                #expect(isSame, "\(method) of \(length) bytes from \(offset) on")
                let head = String(decoding: body.dropLast(length), as: UTF8.self)
                #expect(head.contains("Content-Length: \(length)\n"))
                #expect(!head.contains("Expect") && !head.contains("Transfer-Encoding"))
            }
        }
    }

    @Test("a file that is missing, a directory or too short → unreadable, and nothing is sent")
    func unreadable() async throws {
        let directory = try TemporaryDirectory()
        directory.write("short", "12345")
        let bodies = [
            HTTPRequest.Body.file(path: directory("none"), offset: 0, length: 1),
            .file(path: directory.path, offset: 0, length: 1),
            .file(path: directory("short"), offset: 0, length: 6),
            .file(path: directory("short"), offset: 5, length: 1),
            .file(path: directory("short"), offset: -1, length: 1),
            .file(path: directory("short"), offset: Int.max, length: 1),
        ]
        for body in bodies {
            var request = try request(.put, "status/204?short")
            request.body = body
            guard case .unreadable? = await failure(of: request) else {
                Issue.record("\(body) was sent")
                continue
            }
        }
        let log = try await client.send(try request(.get, "log")).body
        #expect(!String(decoding: log, as: UTF8.self).contains("short"))
    }

    @Test("a file that shrinks while it is sent → unreadable, never a padded body")
    func shrinking() async throws {
        let directory = try TemporaryDirectory()
        let size = 64 << 20
        directory.write("shrinks", [])
        truncate(directory("shrinks"), size)
        var request = try request(.put, "unhurried")
        request.body = .file(path: directory("shrinks"), offset: 0, length: size)
        let sending = Task { await failure(of: request) }
        try await Task.sleep(for: .milliseconds(50))
        truncate(directory("shrinks"), 10)
        guard case .unreadable? = await sending.value else {
            Issue.record("sent")
            return
        }
    }

    @Test("a path with dot segments and empty ones → sent as it is")
    func exactPath() async throws {
        let base = try HTTPURL(server.url("x"))
        let url = try base.with(path: "/echo/a/../b//./c%2Fd", query: "k=%2E&q")
        let body = try await client.send(HTTPRequest(.get, url)).body
        #expect(
            String(decoding: body, as: UTF8.self)
                .hasPrefix("GET /echo/a/../b//./c%2Fd?k=%2E&q\n"))
        #expect(throws: TransportFailure.self) { try base.with(path: "/a b") }
        #expect(throws: TransportFailure.self) { try base.with(path: "/a?b") }
        #expect(throws: TransportFailure.self) { try base.with(path: "a") }
    }

    @Test("GET, HEAD and DELETE → sent as such, HEAD without a body")
    func methods() async throws {
        let head = try await client.send(try request(.head, "echo"))
        #expect(head.head.status == 200)
        #expect(head.body == [])
        let deleted = try await client.send(try request(.delete, "echo"))
        #expect(String(decoding: deleted.body, as: UTF8.self).hasPrefix("DELETE /echo"))
    }

    @Test("an error status → a response, not a failure")
    func status() async throws {
        #expect(try await client.send(try request(.get, "status/503")).head.status == 503)
    }

    @Test("a body larger than the buffer, read late → whole and in order")
    func backpressure() async throws {
        let size = 3_000_000
        let exchange = client.open(
            try request(.get, "bytes/\(size)", limits: HTTPLimits(bufferedBytes: 10_000)))
        #expect(try await exchange.head().status == 200)
        try await Task.sleep(for: .milliseconds(50))
        let body = try await exchange.collect()
        #expect(body.count == size)
        #expect(body.indices.allSatisfy { body[$0] == UInt8(truncatingIfNeeded: $0) })
    }

    @Test("a thread that blocks → reads the same bytes in its own portions")
    func blocking() async throws {
        let exchange = client.open(
            try request(.get, "bytes/200001", limits: HTTPLimits(bufferedBytes: 5_000)))
        let body: Result<[UInt8], TransportFailure> = await withCheckedContinuation { done in
            let started = Thread.start {
                do throws(TransportFailure) {
                    _ = try exchange.blockingHead()
                    var body: [UInt8] = []
                    let portion = UnsafeMutableRawBufferPointer.allocate(
                        byteCount: 777, alignment: 1)
                    defer { portion.deallocate() }
                    while true {
                        let count = try exchange.blockingRead(into: portion)
                        if count == 0 { break }
                        body += portion[..<count]
                    }
                    done.resume(returning: .success(body))
                } catch {
                    done.resume(returning: .failure(error))
                }
            }
            if !started { done.resume(returning: .failure(.overloaded("no thread"))) }
        }
        let bytes = try body.get()
        #expect(bytes.count == 200_001)
        #expect(bytes.indices.allSatisfy { bytes[$0] == UInt8(truncatingIfNeeded: $0) })
    }

    @Test("a body of the limit → given; one byte more → refused")
    func sizeCap() async throws {
        let limits = HTTPLimits(responseBytes: 100_000)
        #expect(
            try await client.send(request(.get, "bytes/100000", limits: limits)).body.count
                == 100_000)
        let beyond = try request(.get, "bytes/100001", limits: limits)
        #expect(await failure(of: beyond) == .tooLarge(limit: 100_000))
    }

    @Test("a silent server → the total deadline ends it")
    func deadline() async throws {
        let request = try request(.get, "stall/a", limits: HTTPLimits(total: .milliseconds(300)))
        guard case .timedOut? = await failure(of: request) else {
            Issue.record("not timed out")
            return
        }
    }

    @Test("a silent server → the stall limit ends it before the deadline")
    func stall() async throws {
        let limits = HTTPLimits(total: .seconds(60), stall: .seconds(1))
        guard case .timedOut? = await failure(of: try request(.get, "stall/b", limits: limits))
        else {
            Issue.record("not timed out")
            return
        }
    }

    @Test("a cancelled task → cancelled at once, and the client goes on")
    func cancellation() async throws {
        let request = try request(.get, "stall/c")
        let tasks = (0..<20).map { _ in Task { await failure(of: request) } }
        try await Task.sleep(for: .milliseconds(50))
        for task in tasks { task.cancel() }
        for task in tasks { #expect(await task.value == .cancelled) }
        #expect(try await client.send(try self.request(.get, "status/204")).head.status == 204)
    }

    @Test("a connection cut in the body → interrupted, never a short body")
    func cut() async throws {
        guard case .interrupted? = await failure(of: try request(.get, "cut/5000")) else {
            Issue.record("not interrupted")
            return
        }
    }

    @Test("nobody listens → unreachable, with the host named")
    func refused() async throws {
        let url = try HTTPURL("http://127.0.0.1:1/x")
        guard case .unreachable(let detail)? = await failure(of: HTTPRequest(.get, url)) else {
            Issue.record("not unreachable")
            return
        }
        #expect(detail.contains("127.0.0.1"))
    }

    @Test("a redirect on the same host → followed; without leave → handed over")
    func sameHost() async throws {
        var request = try request(.get, "moved/nothing")
        #expect(try await client.send(request).head.status == 302)
        request.redirects = .sameHost(atMost: 3)
        let response = try await client.send(request)
        #expect(response.head.url.text == server.url("git/nothing"))
        #expect(response.head.status == 404)
    }

    @Test("a redirect to another host, or in a circle → refused")
    func otherHost() async throws {
        for path in ["away/nothing", "circle"] {
            var request = try request(.get, path)
            request.redirects = .sameHost(atMost: 3)
            request.credential = .bearer(token: "canary-token")
            guard case .redirectRefused(let detail)? = await failure(of: request) else {
                Issue.record("\(path) was followed")
                return
            }
            #expect(!detail.contains("canary"))
        }
        let log = try await client.send(try request(.get, "log")).body
        #expect(!String(decoding: log, as: UTF8.self).contains("/git/nothing"))
    }

    @Test("a header with a line break → refused before anything is sent")
    func headerInjection() async throws {
        var request = try request(.get, "echo")
        request.headers = [HTTPHeader("X-A", "1\r\nX-B: 2")]
        #expect(await failure(of: request) == .invalid("a header cannot be sent as it is"))
    }

    @Test("many requests at once → each gets its own answer")
    func parallel() async throws {
        let sizes = Array(1...60)
        let counts = try await withThrowingTaskGroup(of: (Int, Int).self) { group in
            for size in sizes {
                let request = try request(.get, "bytes/\(size)")
                group.addTask { (size, try await client.send(request).body.count) }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        #expect(counts == Dictionary(uniqueKeysWithValues: sizes.map { ($0, $0) }))
    }

    @Test("a client let go with a request under way → the request is cancelled")
    func letGo() async throws {
        var other: HTTPClient? = try HTTPClient(trust: TrustAnchors(file: nil, directory: nil))
        let exchange = try #require(other?.open(try request(.get, "stall/d")))
        other = nil
        await #expect(throws: TransportFailure.cancelled) { _ = try await exchange.head() }
    }
}
