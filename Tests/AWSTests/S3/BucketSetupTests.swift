import AWS
import TestSupport
import Testing
import Training

struct BucketSetupTests {
    @Test("a new bucket on moto → made, closed to the public, swept; made again → says so")
    func setUp() async throws {
        let moto = try await S3Server.moto(bucket: "set-up")
        let bucket = moto.bucket("holdfast-state")
        #expect(try await bucket.create())
        try await bucket.blockPublicAccess()
        try await bucket.expireUnfinishedUploads(afterDays: 3)
        try await bucket.setPolicy(#"{"Version":"2012-10-17","Statement":[]}"#)
        try await bucket.confirm()
        let abroad = Bucket("holdfast-abroad", region: "eu-west-1", client: moto.client)
        #expect(try await abroad.create())
        #expect(try await !abroad.create())
        let found = try await Bucket.find(
            "holdfast-abroad", near: "eu-west-1", client: moto.client)
        #expect(found.region == "eu-west-1")
    }

    @Test("a bucket that does not exist → denied, with its name")
    func missing() async throws {
        let moto = try await S3Server.moto(bucket: "other")
        guard case .denied(let detail)? = await failure({ try await moto.bucket("none").confirm() })
        else {
            Issue.record("not denied")
            return
        }
        #expect(detail.contains("none"))
    }
}
