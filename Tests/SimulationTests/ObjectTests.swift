import Simulation
import Testing
import Training

struct ObjectTests {
    private let now = Region.start

    private func store() throws -> SimulatedS3 {
        var s3 = SimulatedS3(seed: 1)
        try s3.createBucket("bucket", region: "us-east-1")
        return s3
    }

    private func code(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return (error as? CloudFailure).map { "\($0.status) \($0.code)" }
        }
    }

    @Test("conditional writes → 412 where they do not hold, 404 where nothing is to match")
    func conditions() throws {
        var s3 = try store()
        var write = SimulatedS3.Write("bucket", "k")
        write.ifMatch = "x"
        #expect(
            code { _ = try s3.putObject(write, StoredContent([1]), at: now) }
                == "404 NoSuchKey")
        write.ifMatch = nil
        write.ifAbsent = true
        let first = try s3.putObject(write, StoredContent([1]), at: now)
        #expect(
            code { _ = try s3.putObject(write, StoredContent([2]), at: now) }
                == "412 PreconditionFailed")
        write.ifAbsent = false
        write.ifMatch = first.etag
        let second = try s3.putObject(write, StoredContent([2]), at: now)
        #expect(
            code { _ = try s3.putObject(write, StoredContent([3]), at: now) }
                == "412 PreconditionFailed")
        #expect(
            code { try s3.deleteObject("bucket", "k", ifMatch: first.etag) }
                == "412 PreconditionFailed")
        #expect(
            code { _ = try s3.getObject("bucket", "k", ifNoneMatch: second.etag) }
                == "304 NotModified")
        try s3.deleteObject("bucket", "k", ifMatch: second.etag)
        try s3.deleteObject("bucket", "k")
        #expect(code { _ = try s3.getObject("bucket", "k") } == "404 NoSuchKey")
        #expect(code { _ = try s3.getObject("none", "k") } == "404 NoSuchBucket")
    }

    @Test(
        "known checksums of 123456789 → as their standards list them",
        arguments: [
            (ContentChecksum.Algorithm.crc32, "y/Q5Jg=="), (.crc32c, "4waSgw=="),
            (.crc64nvme, "rosUhgp5mIg="),
            (.sha256, "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="),
        ])
    func checksums(algorithm: ContentChecksum.Algorithm, value: String) {
        #expect(
            ContentChecksum(algorithm, of: StoredContent(Array("123456789".utf8))).value == value)
    }

    @Test("a checksum that the bytes do not have → BadDigest, and nothing is stored")
    func wrongChecksum() throws {
        var s3 = try store()
        var write = SimulatedS3.Write("bucket", "k")
        write.checksum = ContentChecksum(.crc32, "AAAAAA==")
        #expect(
            code { _ = try s3.putObject(write, StoredContent([1]), at: now) } == "400 BadDigest")
        #expect(s3.object("bucket", "k") == nil)
    }

    @Test("a list by pages with a delimiter → keys by their bytes, each group once")
    func list() throws {
        var s3 = try store()
        for key in ["a", "b/1", "b/2", "b/3", "c/1", "é", "z", "e\u{301}"] {
            _ = try s3.putObject(.init("bucket", key), StoredContent(), at: now)
        }
        var call = SimulatedS3.ListObjects("bucket")
        call.delimiter = "/"
        call.maxKeys = 2
        var seen: [[UInt8]] = []
        for _ in 0..<10 {
            let page = try s3.listObjects(call)
            #expect(page.keyCount <= 2)
            seen += (page.objects.map(\.key) + page.commonPrefixes).map { Array($0.utf8) }
                .sorted { $0.lexicographicallyPrecedes($1) }
            call.continuationToken = page.nextToken
            if page.nextToken == nil { break }
        }
        #expect(
            seen
                == ["a", "b/", "c/", "e\u{301}", "z", "é"].map { Array($0.utf8) })
        var below = SimulatedS3.ListObjects("bucket")
        below.prefix = "b/"
        below.startAfter = "b/1"
        #expect(try s3.listObjects(below).objects.map(\.key) == ["b/2", "b/3"])
    }

    @Test("a range → its bytes; beyond the end → 416")
    func ranges() throws {
        let content = StoredContent(Array(0..<10))
        #expect(try SimulatedS3.range("bytes=2-4", of: 10) == 2..<5)
        #expect(try SimulatedS3.range("bytes=8-99", of: 10) == 8..<10)
        #expect(try SimulatedS3.range("bytes=-3", of: 10) == 7..<10)
        #expect(content[7..<10] == [7, 8, 9])
        #expect(
            code { _ = try SimulatedS3.range("bytes=10-", of: 10) } == "416 InvalidRange")
    }

    @Test("a multipart upload → an ETag that counts its parts, a composite checksum, one object")
    func multipart() throws {
        var s3 = try store()
        s3.leastPartSize = 4
        let write = SimulatedS3.Write("bucket", "k")
        let upload = try s3.createMultipartUpload(
            write, algorithm: .sha256, isFullChecksum: false, at: now)
        let parts = try [[1, 2, 3, 4], [5]].enumerated().map { at, bytes in
            try s3.uploadPart(
                "bucket", "k", upload: upload.id, number: at + 1, StoredContent(bytes), at: now)
        }
        let listed = parts.map { SimulatedS3.PartReference(number: $0.number, etag: $0.etag) }
        var conditional = write
        conditional.ifAbsent = true
        let done = try s3.completeMultipartUpload(
            conditional, upload: upload.id, parts: listed, at: now)
        #expect(done.etag.hasSuffix("-2") && done.checksum.value.hasSuffix("-2"))
        #expect(done.content.bytes == [1, 2, 3, 4, 5])
        #expect(
            code {
                _ = try s3.completeMultipartUpload(
                    write, upload: upload.id, parts: listed, at: now)
            } == "404 NoSuchUpload")
    }

    @Test("a multipart upload that may not be → the reason, and the upload stays")
    func wrongMultipart() throws {
        var s3 = try store()
        let write = SimulatedS3.Write("bucket", "k")
        let upload = try s3.createMultipartUpload(
            write, algorithm: nil, isFullChecksum: false, at: now)
        let parts = try (1...2).map {
            let part = try s3.uploadPart(
                "bucket", "k", upload: upload.id, number: $0, StoredContent([1]), at: now)
            return SimulatedS3.PartReference(number: part.number, etag: part.etag)
        }
        func complete(_ parts: [SimulatedS3.PartReference], absent: Bool = false) -> String? {
            var asked = write
            asked.ifAbsent = absent
            return code {
                _ = try s3.completeMultipartUpload(
                    asked, upload: upload.id, parts: parts, at: now)
            }
        }
        #expect(complete(parts) == "400 EntityTooSmall")
        #expect(complete(parts.reversed()) == "400 InvalidPartOrder")
        #expect(complete([.init(number: 9, etag: "x")]) == "400 InvalidPart")
        _ = try s3.putObject(write, StoredContent([2]), at: now)
        #expect(complete([parts[0]], absent: true) == "412 PreconditionFailed")
        #expect(try s3.listMultipartUploads("bucket").map(\.id) == [upload.id])
        try s3.abortMultipartUpload("bucket", "k", upload: upload.id)
        #expect(try s3.listMultipartUploads("bucket").isEmpty)
    }
}
