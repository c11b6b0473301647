import Crypto
import Training

/// Recomputes signatures from the raw request, sharing nothing with any client.
///
/// Source: the AWS General Reference, "Signature Version 4 signing process".
struct SignatureVerifier: Sendable {
    /// A signing secret, as whoever knows all keys answers.
    struct Key: Sendable {
        var secret: String
        var sessionToken: String?
    }

    /// How far a time stamp may be from `now`: 15 minutes for S3, 5 for the others.
    static func tolerance(of service: String) -> Seconds { Seconds(service == "s3" ? 900 : 300) }

    /// Verifies `request`, whose claim is `claim`; whether the key has ended is not asked here.
    ///
    /// Gives the body without its transport form (aws-chunked) and the trailing headers.
    static func verify(
        _ request: WireRequest, _ claim: SignedRequest, key: Key?, now: Timestamp
    ) throws(SignatureFault) -> ChunkedBody {
        try claim.checkHeaders(of: request)
        guard let key else { throw .unknownKey }
        guard key.sessionToken == claim.sessionToken else { throw .wrongToken }
        let skew = abs(claim.moment.milliseconds - now.milliseconds)
        guard skew <= tolerance(of: claim.service).milliseconds else {
            throw .skewed(request: claim.moment, server: now)
        }
        let payload = try payloadHash(of: request, service: claim.service)
        let canonical = canonicalRequest(request, claim, payload: payload)
        let toSign = """
            AWS4-HMAC-SHA256
            \(claim.stamp)
            \(claim.scope)
            \(Digest(of: canonical).hex)
            """
        guard signature(of: toSign, claim, secret: key.secret) == claim.signature else {
            throw .mismatch(canonical: canonical, toSign: toSign)
        }
        return try body(of: request, payload: payload)
    }

    static func canonicalRequest(
        _ request: WireRequest, _ claim: SignedRequest, payload: String
    ) -> String {
        let headers = claim.signedHeaders.map { name in
            let values = request.headers.filter { $0.name == name }.map { folded($0.value) }
            return "\(name):\(values.joined(separator: ","))\n"
        }
        return [
            request.method, canonicalPath(request.path, service: claim.service),
            canonicalQuery(request.query), headers.joined(),
            claim.signedHeaders.joined(separator: ";"), payload,
        ].joined(separator: "\n")
    }

    /// S3 signs the key encoded once and as it is; the others normalise and encode twice.
    static func canonicalPath(_ path: String, service: String) -> String {
        guard service != "s3" else {
            return PercentCoding.encode(PercentCoding.decode(path), keeping: "/")
        }
        var segments: [Substring] = []
        for segment in path.split(separator: "/") {
            switch segment {
            case ".": continue
            case "..": _ = segments.popLast()
            default: segments.append(segment)
            }
        }
        let end = path.hasSuffix("/") && !segments.isEmpty ? "/" : ""
        return PercentCoding.encode("/" + segments.joined(separator: "/") + end, keeping: "/")
    }

    static func canonicalQuery(_ query: String) -> String {
        let pairs = query.split(separator: "&").map { part in
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = pair.count > 1 ? pair[1] : ""
            return (
                PercentCoding.encode(PercentCoding.decode(pair[0])),
                PercentCoding.encode(PercentCoding.decode(value))
            )
        }
        let sorted = pairs.sorted { ($0.0, $0.1) < ($1.0, $1.1) }
        return sorted.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
    }

    private static func folded(_ value: String) -> String {
        WireRequest.trimmed(value).split(separator: " ").joined(separator: " ")
    }

    private static func payloadHash(
        of request: WireRequest, service: String
    ) throws(SignatureFault) -> String {
        let actual = { Digest(of: request.body).hex }
        guard let declared = request["x-amz-content-sha256"] else {
            guard service != "s3" else {
                throw .malformed("the header x-amz-content-sha256 is missing")
            }
            return actual()
        }
        if service == "s3" {
            switch declared {
            case "UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER": return declared
            case _ where declared.hasPrefix("STREAMING-"): throw .unsupported(declared)
            default: break
            }
        }
        guard declared == actual() else { throw .wrongPayload }
        return declared
    }

    private static func body(
        of request: WireRequest, payload: String
    ) throws(SignatureFault) -> ChunkedBody {
        guard payload == "STREAMING-UNSIGNED-PAYLOAD-TRAILER" else {
            return ChunkedBody(bytes: request.body, trailers: [])
        }
        guard request["content-encoding"]?.contains("aws-chunked") == true,
            let body = ChunkedBody(decoding: request.body),
            request["x-amz-decoded-content-length"] == String(body.bytes.count)
        else { throw .malformed("the body is not aws-chunked as its headers say") }
        return body
    }

    private static func signature(
        of toSign: String, _ claim: SignedRequest, secret: String
    ) -> String {
        var key = Array("AWS4\(secret)".utf8)
        for part in [claim.day, claim.region, claim.service, "aws4_request"] {
            key = authenticate(part, key)
        }
        return authenticate(toSign, key).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    private static func authenticate(_ text: String, _ key: [UInt8]) -> [UInt8] {
        Array(
            HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: SymmetricKey(data: key)))
    }
}
