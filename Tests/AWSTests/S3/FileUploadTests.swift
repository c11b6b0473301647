import AWS
import TestSupport
import Testing
import Training

struct FileUploadTests {
    private let files: TemporaryDirectory
    private let bytes = unevenBytes(11 << 20)

    init() throws {
        files = try TemporaryDirectory()
        files.write("source", bytes)
    }

    private func upload(
        to server: S3Server, if condition: WriteCondition = .absent
    ) async throws -> StoredReceipt {
        try await server.store().upload(
            file: files("source"), to: "k", sha256: Digest(of: bytes), if: condition)
    }

    private func expectWhole(_ server: S3Server) async throws {
        try await server.store().download(
            "k", to: files("copy"), size: bytes.count, sha256: Digest(of: bytes))
        #expect(files.digest("copy") == Digest(of: bytes))
    }

    @Test("64 MiB in parts of 5 MiB, on moto → the same bytes come back; never over the bound")
    func large() async throws {
        let moto = try await S3Server.moto(bucket: "large")
        let bytes = unevenBytes(64 << 20)
        let digest = Digest(of: bytes)
        files.write("large", bytes)
        let store = try moto.store("s3://large/team")
        let receipt = try await store.upload(
            file: files("large"), to: "large", sha256: digest, if: .absent)
        #expect(try await store.head("large")?.etag == receipt.etag)
        #expect(receipt.etag.text.hasSuffix("-13\""))
        try await store.download("large", to: files("copy"), size: bytes.count, sha256: digest)
        #expect(files.digest("copy") == Digest(of: bytes))
    }

    @Test("a file in parts → several at once, at most as many as allowed, then read back")
    func parts() async throws {
        let server = try S3Server.faulty()
        let receipt = try await upload(to: server)
        #expect(try await server.store().head("k")?.etag == receipt.etag)
        let log = try await server.log()
        #expect(log.count { $0 == "part team/k" } == 3)
        #expect(log.first == "begin team/k" && log.contains("complete team/k"))
        try await expectWhole(server)
        #expect(try #require(try await server.peak()) <= S3Server.shape.parallel)
        #expect(try await server.openUploads().isEmpty)
    }

    @Test("a completion answered 200 with an error → unavailable, aborted, nothing is stored")
    func lateError() async throws {
        let server = try S3Server.faulty("complete=late*9")
        guard case .unavailable? = await failure({ try await upload(to: server) }) else {
            Issue.record("not unavailable")
            return
        }
        #expect(try await server.store().head("k") == nil)
        #expect(try await server.openUploads().isEmpty)
    }

    @Test(
        "the decisive write's answer is lost, or says an error, though it was done → success",
        arguments: ["complete=lost", "complete=late-done"])
    func lostCompletion(fault: String) async throws {
        let server = try S3Server.faulty(fault)
        let receipt = try await upload(to: server)
        #expect(try await server.store().head("k")?.etag == receipt.etag)
        #expect(try await server.log().count { $0.hasPrefix("complete") } == 1)
        try await expectWhole(server)
    }

    @Test("a small file whose answer is lost → success, sent once; another's write → not ours")
    func lostPut() async throws {
        let server = try S3Server.faulty("put=lost", "put=swap")
        let store = try server.store()
        files.write("small", "abc")
        let digest = Digest(of: "abc")
        try await store.upload(file: files("small"), to: "a", sha256: digest, if: .absent)
        #expect(try await server.log() == ["put team/a", "head team/a"])
        #expect(
            await failure {
                try await store.upload(file: files("small"), to: "b", sha256: digest, if: .absent)
            } == .conditionFailed(key: "b"))
    }

    @Test("409 to the completion → begun anew, and stored; 409 again and again → gives up")
    func conflict() async throws {
        let server = try S3Server.faulty("complete=conflict*2")
        _ = try await upload(to: server)
        #expect(try await server.log().count { $0.hasPrefix("begin") } == 3)
        #expect(try await server.openUploads().isEmpty)
        let stubborn = try S3Server.faulty("complete=conflict*9")
        #expect(
            await failure { try await upload(to: stubborn) } == .conditionFailed(key: "k"))
        #expect(try await stubborn.openUploads().isEmpty)
    }

    @Test("the key is taken → the condition failed, the upload is aborted, the object stays")
    func taken() async throws {
        let server = try S3Server.faulty()
        let store = try server.store()
        let etag = try await store.put("k", [1], if: .absent).etag
        #expect(await failure { try await upload(to: server) } == .conditionFailed(key: "k"))
        #expect(try await store.head("k")?.etag == etag)
        #expect(try await server.openUploads().isEmpty)
        _ = try await upload(to: server, if: .matches(etag))
        try await expectWhole(server)
    }

    @Test("a part is refused, lost or slow for a while → sent again, and stored")
    func brokenParts() async throws {
        let server = try S3Server.faulty("part=lost*2", "part=slow-down*1")
        _ = try await upload(to: server)
        try await expectWhole(server)
    }

    @Test("a part is denied → denied, and the upload is aborted")
    func deniedPart() async throws {
        let server = try S3Server.faulty("part=denied")
        guard case .denied? = await failure({ try await upload(to: server) }) else {
            Issue.record("not denied")
            return
        }
        #expect(try await server.openUploads().isEmpty)
    }

    @Test("cancelled while a part hangs → ends at once, and the upload is aborted")
    func cancelled() async throws {
        let server = try S3Server.faulty("part=hang*9")
        let task = Task { await failure { try await upload(to: server) } }
        while try await !server.log().contains("part team/k") {
            try await Task.sleep(for: .milliseconds(20))
        }
        task.cancel()
        guard case .unavailable? = await task.value else {
            Issue.record("not unavailable")
            return
        }
        #expect(try await server.openUploads().isEmpty)
    }

    @Test(
        "what was stored has another checksum → corrupt",
        arguments: [("source", "complete=rot"), ("small", "put=rot")])
    func rot(name: String, fault: String) async throws {
        files.write("small", "abc")
        let server = try S3Server.faulty(fault)
        let digest = Digest(of: try #require(files.read(name)))
        guard
            case .corrupt? = await failure({
                try await server.store().upload(
                    file: files(name), to: "k", sha256: digest, if: .absent)
            })
        else {
            Issue.record("not corrupt")
            return
        }
    }

    @Test("a file of parts with other bytes than promised → corrupt, and nothing is stored")
    func otherBytes() async throws {
        let server = try S3Server.faulty()
        let lie = await failure {
            try await server.store().upload(
                file: files("source"), to: "k", sha256: Digest(of: "x"), if: .always)
        }
        guard case .corrupt? = lie else {
            Issue.record("\(String(describing: lie))")
            return
        }
        #expect(try await server.store().head("k") == nil)
        #expect(try await server.openUploads().isEmpty)
    }

    @Test("a directory, and a file that is not there → local failures")
    func noFile() async throws {
        let store = try S3Server.faulty().store()
        files.makeDirectory("folder")
        for name in ["folder", "nothing"] {
            let refused = await failure {
                try await store.upload(
                    file: files(name), to: "k", sha256: Digest(of: ""), if: .always)
            }
            guard case .local? = refused else {
                Issue.record("\(name): \(String(describing: refused))")
                continue
            }
        }
    }

    @Test(
        "files of any size → at most 10,000 parts that fit together",
        arguments: [
            0, 1, 16 << 20, (16 << 20) + 1, 200 << 30, 48 << 40,
        ])
    func shapes(size: Int) {
        let parts = TransferShape().parts(of: size)
        #expect(parts.first?.lowerBound == 0 && parts.last?.upperBound == size)
        #expect(zip(parts, parts.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
        #expect((1...10_000).contains(parts.count))
        #expect(parts.allSatisfy { $0.count <= 5 << 30 })
    }
}
