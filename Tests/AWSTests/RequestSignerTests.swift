import AWS
import TestSupport
import Testing
import Training

struct RequestSignerTests {
    private static let example = AWSCredentials(
        accessKeyID: "AKIDEXAMPLE",
        secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")

    private func authorization(
        _ request: CanonicalRequest, _ credentials: AWSCredentials, service: String,
        at time: String
    ) throws -> String? {
        let headers = RequestSigner().signedHeaders(
            of: request, with: credentials, service: service, region: "us-east-1",
            at: try #require(Timestamp(time)))
        return headers.last { $0.name == "Authorization" }?.value
    }

    // MARK: Published examples

    @Test("the IAM ListUsers example of the AWS General Reference → its signature")
    func listUsers() throws {
        let request = CanonicalRequest(
            method: "GET", path: "/",
            query: [(name: "Version", value: "2010-05-08"), (name: "Action", value: "ListUsers")],
            headers: [
                (name: "Host", value: "iam.amazonaws.com"),
                (
                    name: "Content-Type",
                    value: "application/x-www-form-urlencoded; charset=utf-8"
                ),
            ], payload: .digest(Digest(of: "")), pathRule: .normalised)
        #expect(
            try authorization(
                request, Self.example, service: "iam", at: "2015-08-30T12:36:00Z")
                == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
                + "SignedHeaders=content-type;host;x-amz-date, Signature="
                + "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7")
    }

    @Test("get-vanilla of the AWS Signature Version 4 test suite → its signature")
    func getVanilla() throws {
        let request = CanonicalRequest(
            method: "GET", path: "/", headers: [(name: "Host", value: "example.amazonaws.com")],
            payload: .digest(Digest(of: "")), pathRule: .normalised)
        #expect(
            try authorization(
                request, Self.example, service: "service", at: "2015-08-30T12:36:00Z")?
                .hasSuffix("5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")
                == true)
    }

    @Test("the S3 GET Object and PUT Object examples of the S3 API reference → their signatures")
    func objects() throws {
        let credentials = AWSCredentials(
            accessKeyID: "AKIAIOSFODNN7EXAMPLE",
            secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
        let empty = Digest(of: "")
        let get = CanonicalRequest(
            method: "GET", path: "/test.txt",
            headers: [
                (name: "Host", value: "examplebucket.s3.amazonaws.com"),
                (name: "Range", value: "bytes=0-9"),
                (name: "x-amz-content-sha256", value: empty.hex),
            ], payload: .digest(empty), pathRule: .verbatim)
        #expect(
            try authorization(get, credentials, service: "s3", at: "2013-05-24T00:00:00Z")?
                .hasSuffix("f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
                == true)
        let body = Digest(of: "Welcome to Amazon S3.")
        let put = CanonicalRequest(
            method: "PUT", path: "/test$file.text",
            headers: [
                (name: "Host", value: "examplebucket.s3.amazonaws.com"),
                (name: "Date", value: "Fri, 24 May 2013 00:00:00 GMT"),
                (name: "x-amz-storage-class", value: "REDUCED_REDUNDANCY"),
                (name: "x-amz-content-sha256", value: body.hex),
            ], payload: .digest(body), pathRule: .verbatim)
        #expect(
            try authorization(put, credentials, service: "s3", at: "2013-05-24T00:00:00Z")?
                .hasSuffix("98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")
                == true)
    }

    @Test("the S3 lifecycle and list examples of the S3 API reference → their signatures")
    func queries() throws {
        let credentials = AWSCredentials(
            accessKeyID: "AKIAIOSFODNN7EXAMPLE",
            secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
        let cases: [([(name: String, value: String?)], String)] = [
            (
                [(name: "lifecycle", value: nil)],
                "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
            ),
            (
                [(name: "prefix", value: "J"), (name: "max-keys", value: "2")],
                "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
            ),
        ]
        for (query, signature) in cases {
            let request = CanonicalRequest(
                method: "GET", path: "/", query: query,
                headers: [
                    (name: "Host", value: "examplebucket.s3.amazonaws.com"),
                    (name: "x-amz-content-sha256", value: Digest(of: "").hex),
                ], payload: .digest(Digest(of: "")), pathRule: .verbatim)
            #expect(
                try authorization(request, credentials, service: "s3", at: "2013-05-24T00:00:00Z")?
                    .hasSuffix(signature) == true)
        }
    }

    // MARK: Against botocore

    @Test("more than forty awkward requests → the same signatures as botocore's")
    func botocore() throws {
        let cases = SignatureCase.all
        #expect(cases.count >= 40)
        let lines = cases.map { String(decoding: CanonicalJSON.encode($0.wire), as: UTF8.self) }
        let answer = try ToolProcess.run(
            [TestPython.interpreter, TestPython.script("sigv4_oracle.py")],
            environment: ["PATH": "/usr/local/bin:/usr/bin:/bin"],
            input: lines.joined(separator: "\n") + "\n")
        try #require(answer.status == 0, "\(answer.output)")
        let expected = answer.output.split(separator: "\n").map(String.init)
        try #require(expected.count == cases.count, "\(answer.output)")
        let signer = RequestSigner()
        for (given, expected) in zip(cases, expected) {
            #expect(given.authorization(by: signer) == expected, "\(given.name)")
        }
    }
}
