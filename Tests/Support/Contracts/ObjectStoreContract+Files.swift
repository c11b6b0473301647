import Training

/// Whole files, there and back.
extension ObjectStoreContract {
    private static let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    private static let digest = Digest(of: bytes)
    private static let otherDigest = Digest(of: "other")

    @Sendable func upload(_ check: inout Findings) async throws {
        let key = "contract/upload/model.bin"
        files.write("source", Self.bytes)
        let receipt = try await send("source", key, Self.digest, .absent)
        let head = try await store.head(key)
        check(
            head?.size == Self.bytes.count && head?.etag == receipt.etag,
            "an upload has its size and its receipt's etag")
        let taken = await failure("source", key, Self.digest, .absent)
        check(taken == .conditionFailed(key: key), "absent holds once for uploads too")
        let stale = await failure("source", key, Self.digest, .matches(ETag("\"none\"")))
        check(stale == .conditionFailed(key: key), "so does an etag")

        let lie = "contract/upload/lie"
        let refused = await failure("source", lie, Self.otherDigest, .always)
        check(refused?.isCorrupt == true, "other bytes than promised are refused")
        check(try await store.head(lie) == nil, "a refused upload leaves no object")
        let over = await failure("source", key, Self.otherDigest, .always)
        check(over?.isCorrupt == true, "other bytes are refused over an object, too")
        check(try await store.head(key) == head, "a refused upload leaves the object as it was")

        files.write("small", "small")
        let next = try await send("small", key, Digest(of: "small"), .matches(receipt.etag))
        check(next.etag != receipt.etag, "an upload that matches takes the object's place")
        check(try await object(key)?.bytes == Array("small".utf8), "and its bytes are read")
        files.write("empty", "")
        try await send("empty", key, Digest(of: ""), .always)
        check(try await object(key)?.bytes == [], "a file may be empty")
        let missing = await failure("nothing", lie, Self.digest, .always)
        check(missing?.isLocal == true, "a missing local file is a local failure")
        try await store.delete(key)
    }

    @Sendable func download(_ check: inout Findings) async throws {
        let key = "contract/download/model.bin"
        files.write("source", Self.bytes)
        try await send("source", key, Self.digest, .absent)
        try await fetch(key, "copy", Self.bytes.count, Self.digest)
        check(files.read("copy") == Self.bytes, "a download has the uploaded bytes")

        let names = files.names()
        let wrong = [
            (key, Self.bytes.count, Self.otherDigest), (key, Self.bytes.count - 1, Self.digest),
            (key, Self.bytes.count + 1, Self.digest),
            ("contract/download/none", Self.bytes.count, Self.digest),
        ]
        for (key, size, digest) in wrong {
            let failure = await thrown { () async throws(StoreFailure) in
                try await store.download(key, to: files("bad"), size: size, sha256: digest)
            }
            check(failure?.isCorrupt == true, "a download of other bytes is refused: \(key)")
            check(files.names() == names, "a refused download leaves no file")
        }
        let nowhere = await thrown { () async throws(StoreFailure) in
            try await store.download(
                key, to: files("no/such/directory/copy"), size: Self.bytes.count,
                sha256: Self.digest)
        }
        check(nowhere?.isLocal == true, "a place that cannot be written is a local failure")
        try await store.put(key, [], if: .always)
        try await fetch(key, "empty", 0, Digest(of: ""))
        check(files.read("empty") == [], "an empty object makes an empty file")
        try await store.delete(key)
    }

    @discardableResult
    private func send(
        _ file: String, _ key: String, _ digest: Digest, _ condition: WriteCondition
    ) async throws(StoreFailure) -> StoredReceipt {
        try await store.upload(file: files(file), to: key, sha256: digest, if: condition)
    }

    private func fetch(
        _ key: String, _ file: String, _ size: Int, _ digest: Digest
    ) async throws(StoreFailure) {
        try await store.download(key, to: files(file), size: size, sha256: digest)
    }

    private func failure(
        _ file: String, _ key: String, _ digest: Digest, _ condition: WriteCondition
    ) async -> StoreFailure? {
        await thrown { () async throws(StoreFailure) in
            try await send(file, key, digest, condition)
        }
    }
}
