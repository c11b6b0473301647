import Training

/// What the `Authorization` header of a request claims (Signature Version 4).
struct SignedRequest: Sendable {
    var accessKeyID: String
    /// `20261121` of the credential scope.
    var day: String
    var region: String
    var service: String
    /// In the order given; lower case.
    var signedHeaders: [String]
    var signature: String
    /// Of `x-amz-date`.
    var moment: Timestamp
    var stamp: String
    var sessionToken: String?

    var scope: String { "\(day)/\(region)/\(service)/aws4_request" }

    /// Reads the claim; nothing is verified yet.
    init(_ request: WireRequest) throws(SignatureFault) {
        guard let header = request["authorization"] else { throw .missing }
        let algorithm = "AWS4-HMAC-SHA256"
        guard header.hasPrefix(algorithm + " ") else {
            throw .malformed("the algorithm is not \(algorithm)")
        }
        var fields: [String: String] = [:]
        for part in header.dropFirst(algorithm.count).split(separator: ",") {
            let pair = WireRequest.trimmed(part).split(separator: "=", maxSplits: 1)
            guard pair.count == 2,
                fields.updateValue(String(pair[1]), forKey: String(pair[0])) == nil
            else { throw .malformed("a field of the header cannot be read") }
        }
        guard let credential = fields["Credential"], let headers = fields["SignedHeaders"],
            let signature = fields["Signature"], fields.count == 3
        else { throw .malformed("Credential, SignedHeaders and Signature are needed") }
        let parts = credential.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[4] == "aws4_request", !parts[0].isEmpty else {
            throw .malformed("the credential scope has another form")
        }
        guard let stamp = request["x-amz-date"], let moment = WireTime.parse(basic: stamp) else {
            throw .malformed("X-Amz-Date is missing or has another form")
        }
        guard stamp.hasPrefix(parts[1] + "T") else {
            throw .malformed("the day of the credential scope is not that of X-Amz-Date")
        }
        (accessKeyID, day) = (String(parts[0]), String(parts[1]))
        (region, service) = (String(parts[2]), String(parts[3]))
        signedHeaders = headers.split(separator: ";").map(String.init)
        self.signature = signature
        self.moment = moment
        self.stamp = stamp
        sessionToken = request["x-amz-security-token"]
    }

    /// Whether all that must be signed is.
    func checkHeaders(of request: WireRequest) throws(SignatureFault) {
        guard signedHeaders == signedHeaders.sorted(),
            Set(signedHeaders).count == signedHeaders.count,
            signedHeaders.allSatisfy({ $0 == $0.lowercased() })
        else { throw .malformed("SignedHeaders must be sorted, single and in lower case") }
        for name in signedHeaders where request[name] == nil {
            throw .malformed("the signed header \(name) is absent")
        }
        let needed = request.headers.map(\.name).filter { $0 == "host" || $0.hasPrefix("x-amz-") }
        for name in Set(needed + ["host"]).sorted() where !signedHeaders.contains(name) {
            throw .unsignedHeader(name)
        }
    }
}

/// Why a request is not accepted as who it claims to be from.
enum SignatureFault: Error, Hashable, Sendable {
    /// There is no `Authorization` header.
    case missing
    case malformed(String)
    /// A header that must be signed is not.
    case unsignedHeader(String)
    case unknownKey
    /// The session token is not the one of this key; also one that is missing or superfluous.
    case wrongToken
    /// The time stamp is too far from the server's clock.
    case skewed(request: Timestamp, server: Timestamp)
    /// The scope names another region than the one called.
    case wrongRegion(expected: String)
    /// The body is not what was signed.
    case wrongPayload
    /// Something of the request is not what was signed.
    case mismatch(canonical: String, toSign: String)
    /// A form of body that the double does not take.
    case unsupported(String)
}
