package import Training

/// AWS Signature Version 4, of our own: libcurl's fails on valueless queries, names that are
/// prefixes of others and empty values.
///
/// What it gives depends on its arguments alone; it only remembers derived keys.
package struct RequestSigner: Sendable {
    private let keys = SigningKeyCache()

    package init() {}

    /// The headers of `request` with those that prove who sends it: `X-Amz-Date`,
    /// `X-Amz-Security-Token` where the credentials have one, and `Authorization`.
    ///
    /// S3 also wants `x-amz-content-sha256`, which the caller gives among the headers.
    package func signedHeaders(
        of request: CanonicalRequest, with credentials: AWSCredentials, service: String,
        region: String, at time: Timestamp
    ) -> [(name: String, value: String)] {
        let stamp = RequestSigner.stamp(time)
        let scope = SigningScope(
            day: String(stamp.prefix(8)), region: region, service: service)
        var request = request
        request.headers.append((name: "X-Amz-Date", value: stamp))
        if let token = credentials.sessionToken {
            request.headers.append((name: "X-Amz-Security-Token", value: token))
        }
        let (canonical, names) = request.text
        let text =
            "AWS4-HMAC-SHA256\n\(stamp)\n\(scope.text)\n\(Digest(of: canonical).hex)"
        let signature = keys.key(secret: credentials.secretAccessKey, scope: scope).sign(text)
        request.headers.append(
            (
                name: "Authorization",
                value: "AWS4-HMAC-SHA256 Credential=\(credentials.accessKeyID)/\(scope.text), "
                    + "SignedHeaders=\(names), Signature=\(signature)"
            ))
        return request.headers
    }

    /// ISO 8601 in its basic form: `20261121T120000Z`.
    private static func stamp(_ time: Timestamp) -> String {
        let digits = time.description.utf8.prefix(19).filter { $0 != 45 && $0 != 58 }
        return String(decoding: digits, as: UTF8.self) + "Z"
    }
}
