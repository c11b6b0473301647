/// An HTTP/1.1 client on libcurl: one thread that drives every transfer, bridged to async.
///
/// Proxies come from `http_proxy`, `https_proxy` and `no_proxy` as in curl; certificates from
/// `trust`. Credentials are sent to the host they were given for and to no other. Nothing is
/// retried. Letting go of the client cancels what is under way.
package final class HTTPClient: Sendable {
    /// More than any caller needs at once; a bound against a leak of exchanges.
    package static let greatestInFlight = 1024

    private let loop: TransferLoop
    private let trust: TrustAnchors

    /// Starts the thread; throws `.overloaded` when the system gives none.
    package init(trust: TrustAnchors = .environment) throws(TransportFailure) {
        loop = try TransferLoop(greatestInFlight: HTTPClient.greatestInFlight)
        self.trust = trust
    }

    deinit { loop.close() }

    /// Sends a request.
    ///
    /// Every failure comes out of the exchange; this call never waits.
    package func open(_ request: HTTPRequest) -> HTTPExchange {
        HTTPExchange(loop.start(request, trust: trust))
    }

    /// Sends a request and waits for the whole response, bounded by the request's limits.
    package func send(_ request: HTTPRequest) async throws(TransportFailure) -> HTTPResponse {
        let exchange = open(request)
        let head = try await exchange.head()
        return HTTPResponse(head: head, body: try await exchange.collect())
    }
}
