import AWS
import TestSupport
import Training

/// One request for two signers.
struct SignatureCase {
    var name: String
    var service = "s3"
    var method = "GET"
    var path = "/"
    var query: [(name: String, value: String?)] = []
    var headers: [(name: String, value: String)] = []
    var payload = CanonicalRequest.Payload.digest(Digest(of: ""))
    var token: String?
    var region = "eu-central-1"

    /// What `sigv4_oracle.py` reads.
    struct Wire: Encodable {
        var service, region, time, access, secret: String
        var token: String?
        var method, url: String
        var headers: [[String]]
        var payload: String
    }

    static let host = "bucket.s3.eu-central-1.amazonaws.com"
    private static let time = Timestamp(milliseconds: 1_795_262_400_000)
    private var access: String { "AKIDEXAMPLE" }
    private var secret: String { "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" }

    private var request: CanonicalRequest {
        let digest = service == "s3" ? [(name: "x-amz-content-sha256", value: payload.text)] : []
        return CanonicalRequest(
            method: method, path: path, query: query,
            headers: headers + digest + [(name: "Host", value: Self.host)], payload: payload,
            pathRule: service == "s3" ? .verbatim : .normalised)
    }

    var wire: Wire {
        let request = request
        let query = request.sentQuery.map { "?" + $0 } ?? ""
        return Wire(
            service: service, region: region, time: "20261121T120000Z", access: access,
            secret: secret, token: token, method: method,
            url: "https://\(Self.host)\(request.sentPath)\(query)",
            headers: request.headers.filter { $0.name != "Host" }.map { [$0.name, $0.value] },
            payload: payload.text)
    }

    func authorization(by signer: RequestSigner) -> String? {
        signer.signedHeaders(
            of: request,
            with: AWSCredentials(
                accessKeyID: access, secretAccessKey: secret, sessionToken: token),
            service: service, region: region, at: Self.time
        ).last { $0.name == "Authorization" }?.value
    }

    static let all = paths + queries + headerCases + kinds

    private static let paths: [SignatureCase] = [
        "/", "/key", "/a/b/c", "/a b", "/a+b", "/a&b=c", "/a:b@c", "/$x,y;z", "/(a)!*'b'",
        "/ü/日本/🙂", "/a//b", "//a", "/a/", "/a//", "/./a", "/a/../b", "/..", "/a%2Fb", "/100%",
        "/a?b", "/a#b", "/~user_-.", "/\"<>\\^`{|}", "/e\u{301}", "/\u{7F}\u{1}",
    ].flatMap { path in
        [SignatureCase(name: "s3 path \(path)", path: path)]
            + (["/", "/a//b", "/a/../b", "/./a", "/..", "/a b", "/ü/日本/🙂", "/a%2Fb", "/a/"]
                .contains(
                    path)
                ? [SignatureCase(name: "ssm path \(path)", service: "ssm", path: path)] : [])
    }

    private static let queries: [SignatureCase] = [
        [("uploads", nil)], [("uploads", "")], [("delete", nil), ("a", "b")],
        [("b", "1"), ("a", "2"), ("B", "3"), ("A", "4")], [("a", "2"), ("a", "1"), ("a", "10")],
        [("a", "b"), ("a-b", "c"), ("a.b", "d"), ("a%", "e")],
        [("list-type", "2"), ("prefix", "runs/a b/"), ("delimiter", "/")],
        [("continuation-token", "1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=")],
        [("ü", "日本")], [("k", "a+b c~d*e'f(g)!")], [("k", "&=?#%")],
        [("partNumber", "10"), ("uploadId", "a.b_c-d~e")], [("", "x")],
    ].enumerated().map { index, query in
        SignatureCase(
            name: "query \(index)", path: "/key",
            query: query.map { (name: $0.0, value: $0.1) })
    }

    private static let headerCases: [SignatureCase] = [
        [("x-amz-meta-run", "a"), ("x-amz-meta-run-id", "b"), ("x-amz-meta-runs", "c")],
        [("x-amz-meta-e", "")], [("x-amz-meta-e", "   ")], [("x-amz-meta-a", "  a   b  c ")],
        [("X-Amz-Meta-UPPER", "Value")], [("If-None-Match", "*"), ("If-Match", "\"abc\"")],
        [("Range", "bytes=0-9"), ("Content-Type", "application/octet-stream")],
        [("x-b", "2"), ("x-a", "1"), ("x-b", "1"), ("x-b", "")],
        [("x-tab", "a\tb\t\tc")], [("x-quoted", "\"a   b\"")], [("x-comma", "a, b,c")],
        [("Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg==")],
    ].enumerated().map { index, headers in
        SignatureCase(
            name: "headers \(index)", method: "PUT", path: "/key",
            headers: headers.map { (name: $0.0, value: $0.1) })
    }

    private static let kinds: [SignatureCase] = [
        SignatureCase(name: "unsigned payload", method: "PUT", path: "/k", payload: .unsigned),
        SignatureCase(
            name: "a body", method: "PUT", path: "/k", payload: .digest(Digest(of: "abc"))),
        SignatureCase(name: "a session token", path: "/k", token: "FwoGZXIvYXdzE//+=="),
        SignatureCase(
            name: "EC2", service: "ec2", method: "POST",
            headers: [(name: "Content-Type", value: QueryForm.contentType.value)],
            payload: .digest(Digest(of: "Action=DescribeInstances&Version=2016-11-15")),
            token: "token", region: "us-gov-west-1"),
        SignatureCase(
            name: "SQS", service: "sqs", method: "POST",
            headers: [
                (name: "Content-Type", value: "application/x-amz-json-1.0"),
                (name: "X-Amz-Target", value: "AmazonSQS.ReceiveMessage"),
            ], payload: .digest(Digest(of: "{}"))),
        SignatureCase(name: "HEAD", method: "HEAD", path: "/k"),
        SignatureCase(
            name: "DELETE", method: "DELETE", path: "/k",
            query: [(name: "uploadId", value: "x")]),
        SignatureCase(name: "another region", path: "/k", region: "cn-north-1"),
    ]
}
