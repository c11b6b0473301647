import AWS
import TestSupport
import Testing
import Training

struct ObjectDownloadTests {
    private let files: TemporaryDirectory
    private let bytes = unevenBytes((6 << 20) + 5)

    init() throws {
        files = try TemporaryDirectory()
        files.write("source", bytes)
    }

    private func stored(_ faults: String...) async throws -> S3Server {
        let server = try S3Server.faulty(faults)
        try await server.store().upload(
            file: files("source"), to: "k", sha256: Digest(of: bytes), if: .absent)
        return server
    }

    private func download(_ server: S3Server) async throws {
        try await server.store().download(
            "k", to: files("copy"), size: bytes.count, sha256: Digest(of: bytes))
    }

    @Test("ranges that break off, are lost or are put off → asked for again; the bytes are whole")
    func brokenRanges() async throws {
        let server = try await stored("get=cut*3", "get=lost*2", "get=slow-down*1")
        try await download(server)
        #expect(files.digest("copy") == Digest(of: bytes))
        #expect(try #require(try await server.peak()) <= S3Server.shape.parallel)
    }

    @Test("ranges that break off without end → unavailable, and no file is left")
    func endless() async throws {
        let server = try await stored("get=cut*99")
        guard case .unavailable? = await failure({ try await download(server) }) else {
            Issue.record("not unavailable")
            return
        }
        #expect(files.names() == ["source"])
    }

    @Test("the object is replaced between two ranges → corrupt, and no file is left")
    func replaced() async throws {
        let server = try await stored("get=swap")
        guard case .corrupt? = await failure({ try await download(server) }) else {
            Issue.record("not corrupt")
            return
        }
        #expect(files.names() == ["source"])
    }

    @Test("cancelled while a range hangs → ends at once, and no file is left")
    func cancelled() async throws {
        let server = try await stored("get=hang*99")
        let task = Task { await failure { try await download(server) } }
        while try await !server.log().contains("get team/k") {
            try await Task.sleep(for: .milliseconds(20))
        }
        task.cancel()
        guard case .unavailable? = await task.value else {
            Issue.record("not unavailable")
            return
        }
        #expect(files.names() == ["source"])
    }

    @Test("an empty object, and one as large as a range → whole")
    func edges() async throws {
        let server = try S3Server.faulty()
        let store = try server.store()
        for size in [0, S3Server.shape.range, S3Server.shape.range + 1] {
            let bytes = unevenBytes(size)
            try await store.put("\(size)", bytes, if: .absent)
            try await store.download(
                "\(size)", to: files("edge-\(size)"), size: size, sha256: Digest(of: bytes))
            #expect(files.digest("edge-\(size)") == Digest(of: bytes))
        }
    }

    @Test("a mounted prefix → its files without the console's folders, fetched whole")
    func mount() async throws {
        let server = try S3Server.faulty()
        let bucket = try server.store("s3://bucket")
        try await bucket.put("set/a.bin", bytes, if: .absent)
        try await bucket.put("set/sub/b.txt", [1, 2], if: .absent)
        try await bucket.put("set-2/c.txt", [3], if: .absent)
        let mounts = S3Mounts(near: "us-east-1", client: server.client, shape: S3Server.shape)
        let source = try await mounts.open(try S3Server.location("s3://bucket/set"))
        let objects = try await source.objects()
        #expect(objects.map(\.name) == ["a.bin", "sub/b.txt"])
        let counted = Counter()
        let digest = try await source.fetch(objects[0], to: files("a")) { counted.add($0) }
        #expect(digest == Digest(of: bytes) && files.digest("a") == digest)
        #expect(counted.total == bytes.count)
        let single = try await mounts.open(try S3Server.location("s3://bucket/set/sub/b.txt"))
        #expect(try await single.objects().map(\.name) == ["b.txt"])
        let nothing = try await mounts.open(try S3Server.location("s3://bucket/other"))
        guard case .denied? = await failure({ try await nothing.objects() }) else {
            Issue.record("an empty mount is not refused")
            return
        }
    }

    @Test("a name that begins with a combining mark → keeps it, beside the one without it")
    func combiningName() async throws {
        let server = try S3Server.faulty()
        try await server.store("s3://bucket").put("set/x", [1], if: .absent)
        let store = try server.store("s3://bucket/set")
        try await store.put("\u{301}x", [2], if: .absent)
        #expect(try await store.list(prefix: "", limit: 9).map(\.key) == ["x", "\u{301}x"])
        let mounts = S3Mounts(near: "us-east-1", client: server.client, shape: S3Server.shape)
        let source = try await mounts.open(try S3Server.location("s3://bucket/set"))
        #expect(try await source.objects().map(\.name) == ["x", "\u{301}x"])
    }

    @Test("a bucket in another region than asked → found there")
    func region() async throws {
        let server = try S3Server.faulty("bucket=elsewhere")
        let bucket = try await Bucket.find("bucket", near: "us-east-1", client: server.client)
        #expect(bucket.region == "eu-west-1")
    }
}
