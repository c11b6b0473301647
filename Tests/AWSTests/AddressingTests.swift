import Testing
import Training
import Transport

@testable import AWS

struct AddressingTests {
    private func url(
        bucket: String?, region: String = "us-east-1", path: String = "/a b/../c",
        endpoints: Endpoints = Endpoints()
    ) throws -> String {
        var request = AWSRequest(.s3, region: region, .get, path: path)
        request.hostPrefix = bucket
        return try Addressing(request, endpoints).url.text
    }

    @Test("a bucket on AWS → in the host name, the key as it is")
    func virtualHosted() throws {
        #expect(
            try url(bucket: "my-bucket")
                == "https://my-bucket.s3.us-east-1.amazonaws.com/a%20b/../c")
        #expect(
            try url(bucket: "b", region: "cn-north-1", path: "/")
                == "https://b.s3.cn-north-1.amazonaws.com.cn/")
    }

    @Test("a bucket with dots or capitals → in the path: no certificate covers its host name")
    func dotted() throws {
        #expect(
            try url(bucket: "my.bucket")
                == "https://s3.us-east-1.amazonaws.com/my.bucket/a%20b/../c"
        )
        #expect(
            try url(bucket: "Old_Bucket", path: "/k")
                == "https://s3.us-east-1.amazonaws.com/Old_Bucket/k")
    }

    @Test("IAM → the partition's own host, whatever the region")
    func identity() throws {
        for (region, host) in [
            ("eu-west-1", "iam.amazonaws.com"), ("us-gov-east-1", "iam.us-gov.amazonaws.com"),
            ("cn-northwest-1", "iam.cn-north-1.amazonaws.com.cn"),
        ] {
            let request = AWSRequest(.iam, region: region, .post)
            #expect(try Addressing(request, Endpoints()).url.authority == host)
        }
    }

    @Test("a server of the user's choice → the bucket in the path, behind the server's own")
    func overridden() throws {
        for base in ["http://127.0.0.1:9000/base", "http://127.0.0.1:9000/base/"] {
            let endpoints = Endpoints(everything: try HTTPURL(base))
            #expect(
                try url(bucket: "b", path: "/k", endpoints: endpoints)
                    == "http://127.0.0.1:9000/base/b/k")
        }
    }

    @Test("the host → signed as it is sent, with a port only where it is not the scheme's own")
    func host() throws {
        for (base, host) in [
            ("http://127.0.0.1:9000", "127.0.0.1:9000"), ("http://h:80/", "h"),
            ("https://h:443", "h"), ("https://H:80", "h:80"), ("http://[::1]:81/", "[::1]:81"),
        ] {
            let request = AWSRequest(.ec2, region: "us-east-1", .post)
            let addressing = try Addressing(
                request, Endpoints(everything: try HTTPURL(base)))
            #expect(
                addressing.canonical.headers.first { $0.name == "Host" }?.value == host, "\(base)")
            #expect(addressing.url.authority == host)
        }
    }
}
