import AWS
import TestSupport
import Testing
import Training

struct S3StoreTests {
    @Test("the contract of every store, on moto → nothing is found")
    func contractOnMoto() async throws {
        let moto = try await S3Server.moto(bucket: "contract")
        let files = try TemporaryDirectory()
        let store = try moto.store("s3://contract/team")
        let contract = ObjectStoreContract(store, files: files, listed: 1003)
        let findings = await contract.findings()
        #expect(findings == [])
    }

    @Test("the contract on the double of AWS → nothing is found")
    func contractOnDouble() async throws {
        let double = try await offPool { try AWSDoubleProcess() }
        try double.makeBucket("contract")
        let store = S3Store(
            try S3Server.location("s3://contract/team"), region: "us-east-1",
            client: try double.client(), shape: S3Server.shape)
        try double.control("POST", "largest-page", #"{"keys": 40}"#)
        let contract = ObjectStoreContract(store, files: try TemporaryDirectory(), listed: 90)
        let findings = await contract.findings()
        #expect(findings == [])
    }

    @Test(
        "the contract on MinIO → nothing is found",
        .enabled(
            if: S3Server.minioProgram != nil,
            "MinIO comes in no package of the system: name its program in HOLDFAST_MINIO"))
    func contractOnMinIO() async throws {
        let minio = try S3Server.minio()
        #expect(try await minio.bucket("contract").create())
        let store = try minio.store("s3://contract/team")
        let contract = ObjectStoreContract(
            store, files: try TemporaryDirectory(), listed: 1003)
        let findings = await contract.findings()
        #expect(findings == [])
    }

    @Test("the contract on a strict server whose ETags are no digests → nothing is found")
    func contractOnStrictServer() async throws {
        let server = try S3Server.faulty()
        let files = try TemporaryDirectory()
        let findings = await ObjectStoreContract(try server.store(), files: files).findings()
        #expect(findings == [])
    }

    @Test("two stores in one bucket → neither sees the other; the region names no store")
    func twoStores() async throws {
        let server = try S3Server.faulty()
        let one = try server.store("s3://bucket/a")
        let two = try server.store("s3://bucket/a/b")
        let whole = try server.store("s3://bucket")
        try await one.put("k", [1], if: .absent)
        try await two.put("k", [2, 2], if: .absent)
        #expect(try await one.list(prefix: "k", limit: 9).map(\.key) == ["k"])
        #expect(try await whole.list(prefix: "", limit: 9).map(\.key) == ["a/b/k", "a/k"])
        let elsewhere = S3Store(
            try S3Server.location("s3://bucket/a"), region: "eu-west-1", client: server.client)
        #expect(one.identity == elsewhere.identity && one.identity != two.identity)
        #expect(one.identity == StoreIdentity(of: "s3://bucket/a"))
    }

    @Test("a get of the known version → unchanged, also for an empty object")
    func unchanged() async throws {
        let server = try S3Server.faulty()
        let store = try server.store()
        for (key, bytes) in [("full", [UInt8](repeating: 1, count: 9)), ("empty", [])] {
            let etag = try await store.put(key, bytes, if: .always).etag
            #expect(try await store.get(key, limit: 9, unless: etag) == .unchanged)
            guard case .object(let object) = try await store.get(key, limit: 9, unless: nil) else {
                Issue.record("\(key) is gone")
                continue
            }
            #expect(object.bytes == bytes && object.etag == etag)
        }
    }

    @Test("an object of many megabytes, read with a small limit → refused, hardly a byte is sent")
    func bounded() async throws {
        let server = try S3Server.faulty("get=cut*0")
        let store = try server.store()
        try await store.put("big", [UInt8](repeating: 1, count: 3 << 20), if: .always)
        #expect(
            await failure { try await store.get("big", limit: 1000, unless: nil) }
                == .tooLarge(key: "big", limit: 1000))
    }

    @Test("keys of many kinds, listed on moto in pages → all, decoded and in the order of bytes")
    func listing() async throws {
        let moto = try await S3Server.moto(bucket: "odd-keys")
        let store = try moto.store("s3://odd-keys")
        let keys = ["a b", "a%2Bb", "a+b", "a&b<c>", "ä/ö", "x=y?z#w", "~t", "𝄞"]
        for key in keys { try await store.put("odd/\(key)", [1], if: .absent) }
        let listed = try await store.list(prefix: "odd/", limit: keys.count).map(\.key)
        let sorted = keys.map { "odd/\($0)" }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        #expect(listed == sorted)
        for key in listed { #expect(try await store.head(key)?.size == 1) }
    }

    @Test("more objects than a page, and empty pages between → the whole list, or refused")
    func pages() async throws {
        let server = try S3Server.faulty()
        let store = try server.store()
        for number in 0..<7 { try await store.put("p/\(number)", [1], if: .absent) }
        // As the console makes it for a folder; no key of the port.
        _ = try await server.store("s3://bucket").put("team", [], if: .always)
        #expect(try await store.list(prefix: "p/", limit: 7).count == 7)
        #expect(
            await failure { try await store.list(prefix: "p/", limit: 6) }
                == .tooLarge(key: "p/", limit: 6))
    }

    @Test("the server's time without a call before → asked for; later → carried on")
    func serverTime() async throws {
        let server = try S3Server.faulty()
        let store = try server.store()
        let first = try await store.serverTime()
        let second = try await store.serverTime()
        #expect(second >= first && second < first + 10)
        #expect(try await server.log() == ["bucket"])
    }

    @Test(
        "a refusal → the failure that says what to do",
        arguments: [
            ("put=kms", "kms:GenerateDataKey"), ("put=denied", "s3:PutObject"),
            ("put=elsewhere", "eu-west-1"), ("put=no-bucket", "no bucket bucket in us-east-1"),
            ("put=forbidden", "s3:ListBucket"),
        ])
    func denied(fault: String, advice: String) async throws {
        let store = try S3Server.faulty(fault + "*9").store()
        guard
            case .denied(let detail)? = await failure({
                try await store.put("k", [1], if: .absent)
            })
        else {
            Issue.record("not denied")
            return
        }
        #expect(detail.contains(advice), "\(detail)")
    }

    @Test("a missing key read without s3:ListBucket (403) → denied with advice, not nil")
    func hiddenKey() async throws {
        let store = try S3Server.faulty("get=forbidden", "head=forbidden").store()
        for call in [
            await failure { try await store.get("k", limit: 1, unless: nil) },
            await failure { try await store.head("k") },
        ] {
            guard case .denied(let detail)? = call else {
                Issue.record("\(String(describing: call))")
                continue
            }
            #expect(detail.contains("arn:aws:s3:::bucket"))
        }
    }

    @Test("head of a key in a bucket that does not exist → denied, not nil")
    func headWithoutBucket() async throws {
        let store = try S3Server.faulty("head=no-bucket", "bucket=no-bucket").store()
        guard case .denied? = await failure({ try await store.head("k") }) else {
            Issue.record("not denied")
            return
        }
    }

    @Test("a conditional write whose answer is lost → unavailable, and sent only once")
    func lostReply() async throws {
        let server = try S3Server.faulty("put=lost")
        let store = try server.store()
        guard
            case .unavailable? = await failure({ try await store.put("k", [1], if: .absent) })
        else {
            Issue.record("not unavailable")
            return
        }
        #expect(try await server.log() == ["put team/k"])
        #expect(
            await failure { try await store.put("k", [1], if: .absent) }
                == .conditionFailed(key: "k"))
    }

    @Test("409 because another write is under way → the condition failed")
    func conflict() async throws {
        let store = try S3Server.faulty("put=conflict").store()
        #expect(
            await failure { try await store.put("k", [1], if: .absent) }
                == .conditionFailed(key: "k"))
    }

    @Test("SlowDown to a conditional write → sent again, since it had no effect")
    func slowDown() async throws {
        let server = try S3Server.faulty("put=slow-down")
        try await server.store().put("k", [1], if: .absent)
        #expect(try await server.log() == ["put team/k", "put team/k"])
    }
}
