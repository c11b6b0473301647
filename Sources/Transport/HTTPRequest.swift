/// A request as it is sent once, with every bound that it runs under.
///
/// Never retried here.
package struct HTTPRequest: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
    }

    /// What to do with a 301, 302, 303, 307 or 308.
    package enum Redirects: Hashable, Sendable {
        /// Hand the response to the caller.
        case never
        /// Follow a GET or HEAD at most this often on the same host; another host is refused.
        case sameHost(atMost: Int)
    }

    package enum Body: Hashable, Sendable {
        case bytes([UInt8])
        /// A part of a file, read on libcurl's thread while it is sent.
        ///
        /// A file that ends before it fails the exchange with `.unreadable`.
        case file(path: String, offset: Int, length: Int)
    }

    package var method: Method
    package var url: HTTPURL
    /// Sent as given, in order; neither name nor value may hold a line break.
    package var headers: [HTTPHeader]
    package var credential: HTTPCredential?
    /// Sent with POST and PUT only.
    package var body: Body
    package var redirects: Redirects
    /// Whether a proxy of the environment may carry it; false for link-local addresses, which no
    /// proxy reaches.
    package var usesProxy: Bool
    /// Never sent a second time, on a connection of its own.
    ///
    /// Otherwise libcurl repeats a request when a kept connection turns out to be closed, although
    /// the server may have read it before it closed.
    package var isSentOnce: Bool
    package var limits: HTTPLimits

    package init(
        _ method: Method, _ url: HTTPURL, headers: [HTTPHeader] = [],
        credential: HTTPCredential? = nil, body: Body = .bytes([]), redirects: Redirects = .never,
        usesProxy: Bool = true, isSentOnce: Bool = false, limits: HTTPLimits = HTTPLimits()
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.credential = credential
        self.body = body
        self.redirects = redirects
        self.usesProxy = usesProxy
        self.isSentOnce = isSentOnce
        self.limits = limits
    }
}

package struct HTTPHeader: Hashable, Sendable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// The bounds of one exchange.
package struct HTTPLimits: Hashable, Sendable {
    /// Until the connection stands, TLS included.
    package var connect: Duration
    /// From the first call to the last byte, redirects included.
    package var total: Duration
    /// How long bytes may come slower than `slowest`; whole seconds, at least one.
    package var stall: Duration
    /// Bytes per second; one is enough to tell a slow server from a silent one.
    package var slowest: Int
    /// The largest response body, in bytes.
    package var responseBytes: Int
    /// How many bytes wait for the reader before the server is made to wait.
    package var bufferedBytes: Int

    package init(
        connect: Duration = .seconds(10), total: Duration = .seconds(60),
        stall: Duration = .seconds(20), slowest: Int = 1, responseBytes: Int = 16 << 20,
        bufferedBytes: Int = 1 << 20
    ) {
        self.connect = connect
        self.total = total
        self.stall = stall
        self.slowest = slowest
        self.responseBytes = responseBytes
        self.bufferedBytes = bufferedBytes
    }
}

/// The head of a response.
package struct HTTPHead: Hashable, Sendable {
    package var status: Int
    package var headers: [HTTPHeader]
    /// Where the response came from, after redirects.
    package var url: HTTPURL

    /// The first header of this name, in any case; nil when there is none.
    package subscript(name: String) -> String? {
        let name = name.lowercased()
        return headers.first { $0.name.lowercased() == name }?.value
    }
}

/// A response with its whole body.
package struct HTTPResponse: Hashable, Sendable {
    package var head: HTTPHead
    package var body: [UInt8]
}
