import Training

@testable import AWS
@testable import Transport

extension FuzzTarget {
    /// The instance's metadata: notices, the identity document, tokens, and credentials, which
    /// containers and processes give in the same form.
    static let metadata = FuzzTarget("metadata", longest: 2048) { bytes in
        do {
            try requireMoment(try InstanceMetadata.interruption(in: bytes, at: "spot"))
        } catch MetadataFailure.malformed(let detail) {
            try require(detail.hasPrefix("spot: "), "a failure has no place")
        }
        _ = try? InstanceMetadata.decode(IdentityDocument.self, bytes, "document")
        try requireToken(bytes)
        if let credentials = try? CredentialDocument.decode(bytes).credentials() {
            try require(!credentials.accessKeyID.isEmpty, "credentials without an id")
            if credentials.secretAccessKey.utf8.count > 20 {
                let shown = "\(credentials) \(String(reflecting: credentials))"
                try require(
                    !Array(shown.utf8).holds(credentials.secretAccessKey), "a secret is shown")
            }
            if let end = credentials.expiration { try requireMoment(end) }
        }
    }

    /// The first line is the header, the rest the token.
    private static func requireToken(_ bytes: [UInt8]) throws {
        let (first, rest) = bytes.firstLineAndRest
        let life = HTTPHeader(
            "x-aws-ec2-metadata-token-ttl-seconds", String(decoding: first, as: UTF8.self))
        let head = HTTPHead(status: 200, headers: [life], url: try HTTPURL("http://127.0.0.1/"))
        do {
            let token = try MetadataClient.token(in: HTTPResponse(head: head, body: rest))
            try require(
                (.seconds(1) ... .seconds(MetadataClient.tokenLife)).contains(token.life),
                "a token's life is out of bounds")
            // It is sent as a header: a line break would begin another one.
            try require(
                token.text.utf8.allSatisfy { $0 > 32 && $0 < 127 }, "a token is no header's value")
        } catch MetadataFailure.malformed {}
    }
}
