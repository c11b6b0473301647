import Training
import Transport

/// Where a request goes, as it is sent and signed.
struct Addressing: Sendable {
    var url: HTTPURL
    var canonical: CanonicalRequest

    init(_ request: AWSRequest, _ endpoints: Endpoints) throws(TransportFailure) {
        let endpoint = try endpoints.url(for: request.service, region: request.region)
        var host = endpoint
        var path = request.path
        if let prefix = request.hostPrefix {
            let fitsHost = prefix.utf8.allSatisfy(Addressing.isHostByte) && !prefix.isEmpty
            if endpoints.isOverridden(request.service) || !fitsHost {
                path = "/\(prefix)\(path)"
            } else {
                host = try HTTPURL("\(endpoint.scheme)://\(prefix).\(endpoint.authority)/")
            }
        }
        let base = endpoint.path.hasSuffix("/") ? endpoint.path.dropLast() : endpoint.path[...]
        var canonical = CanonicalRequest(
            method: request.method.rawValue, path: base + path, query: request.query,
            headers: request.headers, payload: .digest(Addressing.digest(of: request.body)),
            pathRule: request.service == .s3 ? .verbatim : .normalised)
        if request.service == .s3 {
            canonical.headers.append(
                (name: "x-amz-content-sha256", value: canonical.payload.text))
        }
        url = try host.with(path: canonical.sentPath, query: canonical.sentQuery)
        canonical.headers.append((name: "Host", value: url.authority))
        self.canonical = canonical
    }

    /// What stays within one label of a host name; a dot would not match the certificate.
    private static func isHostByte(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (48...57).contains(byte) || byte == UInt8(ascii: "-")
    }

    private static let emptyDigest = Digest(of: "")

    private static func digest(of body: AWSRequest.Body) -> Digest {
        switch body {
        case .bytes(let bytes): bytes.isEmpty ? emptyDigest : Digest(of: bytes)
        case .file(_, _, _, let sha256): sha256
        }
    }
}
