import Training
import Transport

/// Git's smart protocol over HTTP (gitprotocol-http), one fetch long: lists refs, posts requests.
///
/// Blocks; used only on the thread that libgit2 runs on.
final class SmartExchange {
    private let control: FetchControl
    /// Where the repository is; the server may move it on its own host once, at the first request.
    private var base: String?

    private static let service = "git-upload-pack"
    /// A listing of refs is about 60 bytes each: room for a million.
    private static let listingBytes = 64 << 20
    private static let redirects = 5

    init(_ control: FetchControl) {
        self.control = control
    }

    /// Asks for the refs; the stream begins after the head was checked.
    func list(_ url: String) throws(SourceFailure) -> HTTPExchange {
        let query = "/info/refs?service=" + SmartExchange.service
        var request = try request(.get, url + query, bytes: SmartExchange.listingBytes)
        request.redirects = .sameHost(atMost: SmartExchange.redirects)
        let (exchange, head) = try open(request, expecting: "advertisement")
        guard head.url.text.hasSuffix(query) else {
            throw .unreachable("\(head.url.host) redirects to something that is no repository")
        }
        base = String(head.url.text.dropLast(query.count))
        return exchange
    }

    /// Posts one request for objects; the answer is streamed and capped.
    func post(_ url: String, _ body: [UInt8]) throws(SourceFailure) -> HTTPExchange {
        let target = (base ?? url) + "/" + SmartExchange.service
        var request = try request(.post, target, bytes: control.limits.packBytes)
        request.body = .bytes(body)
        request.headers.append(
            HTTPHeader("Content-Type", "application/x-\(SmartExchange.service)-request"))
        return try open(request, expecting: "result").exchange
    }

    private func request(
        _ method: HTTPRequest.Method, _ url: String, bytes: Int
    ) throws(SourceFailure) -> HTTPRequest {
        try control.check()
        do {
            return HTTPRequest(
                method, try HTTPURL(url), credential: control.credential,
                limits: HTTPLimits(
                    total: control.left, stall: control.limits.stall, responseBytes: bytes))
        } catch {
            throw SmartExchange.explain(error)
        }
    }

    private func open(
        _ request: HTTPRequest, expecting kind: String
    ) throws(SourceFailure) -> (exchange: HTTPExchange, head: HTTPHead) {
        guard let client = control.client else {
            throw .unreachable("no HTTP client was given for \(request.url.host)")
        }
        let exchange = client.open(request)
        control.track(exchange)
        let head: HTTPHead
        do {
            head = try exchange.blockingHead()
        } catch {
            throw SmartExchange.explain(error)
        }
        let host = head.url.host
        switch head.status {
        case 200: break
        case 401 where control.credential == nil:
            throw .authentication("\(host) asks for credentials, and none were given")
        case 401, 403: throw .authentication("\(host) answers \(head.status)")
        case 404, 410:
            throw .unreachable(
                "\(host) knows no such repository, or hides it from these credentials "
                    + "(status \(head.status))")
        default: throw .unreachable("\(host) answers with status \(head.status)")
        }
        guard head["Content-Type"] == "application/x-\(SmartExchange.service)-\(kind)" else {
            throw .unreachable("\(host) does not speak Git's smart HTTP protocol at this address")
        }
        return (exchange, head)
    }

    static func explain(_ failure: TransportFailure) -> SourceFailure {
        switch failure {
        case .cancelled: .unreachable("cancelled")
        case .tooLarge: .tooLarge("\(failure)")
        case .redirectRefused: .refused("\(failure)")
        case .invalid, .unreadable, .overloaded, .unreachable, .tls, .timedOut, .interrupted:
            .unreachable("\(failure)")
        }
    }
}
