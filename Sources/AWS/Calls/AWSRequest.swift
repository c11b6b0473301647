package import Training
package import Transport

/// The services that Holdfast calls, by the name that signs for them.
package enum AWSService: String, Hashable, Sendable, CaseIterable {
    case ec2
    case s3
    case ssm
    case sts
    case sqs
    case iam
    case serviceQuotas = "servicequotas"

    /// As variables and shared files name it: `AWS_ENDPOINT_URL_SERVICE_QUOTAS`.
    var settingName: String { self == .serviceQuotas ? "service_quotas" : rawValue }
}

/// One request before it is addressed and signed; sent again with a new signature at each retry.
package struct AWSRequest: Sendable {
    package typealias Method = HTTPRequest.Method

    package enum Body: Hashable, Sendable {
        case bytes([UInt8])
        /// A part of a file, streamed; `sha256` signs it.
        case file(path: String, offset: Int, length: Int, sha256: Digest)
    }

    /// Which answers the client may answer by sending again, at most three times in all.
    package enum Retries: Hashable, Sendable {
        /// Repeating does no harm: throttles, 5xx and broken connections.
        case safe
        /// Only where the request surely had no effect: no connection, a throttle, credentials that
        /// expired, or a clock that was wrong.
        case refusals
    }

    package var service: AWSService
    package var region: String
    package var method: Method
    /// Unencoded, beginning with `/`; for S3 the key, never normalised.
    package var path: String
    /// Put before the endpoint's host: for S3 the bucket.
    ///
    /// The client makes it the first part of the path instead where the endpoint is a server of the
    /// user's choice, or where the bucket's name does not fit a certificate for `*.s3`.
    package var hostPrefix: String?
    /// Unencoded; a nil value is sent as `name=`.
    package var query: [(name: String, value: String?)]
    package var headers: [(name: String, value: String)]
    package var body: Body
    package var retries: Retries
    /// False for the few calls that prove who asks by other means, such as STS's web identity.
    package var isSigned: Bool
    /// Of one try.
    package var deadline: Duration
    /// The largest answer that is taken, in bytes.
    package var responseLimit: Int
    /// Which token bucket pays; nil: none is needed.
    package var cost: CallClass?

    package init(
        _ service: AWSService, region: String, _ method: Method, path: String = "/",
        query: [(name: String, value: String?)] = [],
        headers: [(name: String, value: String)] = [], body: Body = .bytes([]),
        retries: Retries = .safe, deadline: Duration = .seconds(20),
        responseLimit: Int = 32 << 20, cost: CallClass? = nil
    ) {
        self.service = service
        self.region = region
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.retries = retries
        self.deadline = deadline
        self.responseLimit = responseLimit
        self.cost = cost
        isSigned = true
    }
}

/// The token buckets that EC2 keeps for an account in a region.
///
/// Ours hold half of the account's, since other tools share them (EC2 developer guide, API
/// throttling).
package enum CallClass: String, Hashable, Sendable, CaseIterable {
    case describe
    case mutate
    case runInstances
    case startInstances
    case terminateInstances
    case createTags
}

/// An answer with a status below 300.
package struct AWSResponse: Sendable {
    package var status: Int
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    /// The server's `Date`, when it gave one.
    package var date: Timestamp?

    package init(
        status: Int, headers: [(name: String, value: String)], body: [UInt8], date: Timestamp?
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.date = date
    }

    /// The first header of this name, in any case; nil when there is none.
    package subscript(name: String) -> String? {
        let name = name.lowercased()
        return headers.first { $0.name.lowercased() == name }?.value
    }
}
