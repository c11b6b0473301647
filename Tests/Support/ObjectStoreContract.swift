package import Training

/// What every conformance of `ObjectStore` must do, whatever stands behind it.
///
/// Gives what it finds wrong, one line a finding; empty: the store keeps the port's promises. The
/// store is empty below `contract/` before, and is left so.
package struct ObjectStoreContract: Sendable {
    private let store: any ObjectStore
    private let files: TemporaryDirectory

    package init(_ store: any ObjectStore, files: TemporaryDirectory) {
        self.store = store
        self.files = files
    }

    package func findings() async -> [String] {
        let chapters: [(String, @Sendable () async throws -> [String])] = [
            ("read and write", readAndWrite), ("conditions", conditions),
            ("listing", listing), ("transfer", transfer), ("racing writers", race),
            ("keys", keys),
        ]
        var findings: [String] = []
        for (name, chapter) in chapters {
            do {
                findings += try await chapter().map { "\(name): \($0)" }
            } catch {
                findings.append("\(name): threw \(error)")
            }
        }
        return findings
    }

    private func readAndWrite() async throws -> [String] {
        var check = Findings()
        let key = "contract/read/a.json"
        check(try await store.get(key, limit: 10, unless: nil) == nil, "a missing object is nil")
        check(try await store.head(key) == nil, "the head of a missing object is nil")
        let before = try await store.serverTime()
        let receipt = try await store.put(key, [1, 2, 3], if: .always)
        guard case .object(let object) = try await store.get(key, limit: 3, unless: nil) else {
            return ["what was written is not read"]
        }
        check(object.bytes == [1, 2, 3], "the bytes come back")
        check(object.etag == receipt.etag, "the read and the receipt have one etag")
        check(object.lastModified + 2 >= before, "lastModified follows the server's time")
        let again = try await store.get(key, limit: 3, unless: receipt.etag)
        check(again == .unchanged, "a known etag reads as unchanged")
        let head = try await store.head(key)
        check(head?.size == 3 && head?.etag == receipt.etag, "the head tells size and etag")
        let oversize = await failure { try await store.get(key, limit: 2, unless: nil) }
        check(oversize == .tooLarge(key: key, limit: 2), "an object beyond the limit is refused")
        let next = try await store.put(key, [1, 2, 4], if: .always)
        check(next.etag != receipt.etag, "another write has another etag")
        try await store.put("contract/read/empty", [], if: .always)
        check(try await store.head("contract/read/empty")?.size == 0, "an object may be empty")
        for key in [key, "contract/read/empty"] {
            try await store.delete(key)
            try await store.delete(key)
            check(try await store.head(key) == nil, "a deleted object is gone")
        }
        return check.findings
    }

    private func conditions() async throws -> [String] {
        var check = Findings()
        let key = "contract/conditions"
        let refused = StoreFailure.conditionFailed(key: key)
        let early = await failure { try await store.put(key, [0], if: .matches(ETag("none"))) }
        check(early == refused, "no object matches an etag that is not there")
        let first = try await store.put(key, [1], if: .absent)
        let second = await failure { try await store.put(key, [2], if: .absent) }
        check(second == refused, "absent holds once")
        let next = try await store.put(key, [3], if: .matches(first.etag))
        let stale = await failure { try await store.put(key, [4], if: .matches(first.etag)) }
        check(stale == refused, "an old etag does not match")
        guard case .object(let object) = try await store.get(key, limit: 9, unless: nil) else {
            return ["the object is gone after refused writes"]
        }
        check(object.bytes == [3] && object.etag == next.etag, "a refused write changes nothing")
        try await store.delete(key)
        check(
            await failure { try await store.put(key, [5], if: .absent) } == nil,
            "absent holds again after a delete")
        try await store.delete(key)
        return check.findings
    }

    private func listing() async throws -> [String] {
        var check = Findings()
        let keys = ["a", "a-b/c", "a.b", "b/c/d", "b/c0", "bc"].map { "contract/list/x\($0)" }
        // A store may refuse a key beside a longer one below it, so none is used here.
        for key in keys.reversed() { try await store.put(key, Array(key.utf8), if: .always) }
        let all = try await store.list(prefix: "contract/list/", limit: 6)
        let sorted = keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        check(all.map(\.key) == sorted, "a listing is whole and sorted by bytes")
        check(
            all.allSatisfy { $0.size == $0.key.utf8.count }, "a listing tells sizes")
        for summary in all {
            check(try await store.head(summary.key)?.etag == summary.etag, "one etag everywhere")
        }
        let part = try await store.list(prefix: "contract/list/xb/c", limit: 9).map(\.key)
        check(part == keys.filter { $0.hasPrefix("contract/list/xb/c") }, "a prefix is any text")
        let none = try await store.list(prefix: "contract/nothing/", limit: 1)
        check(none.isEmpty, "an empty listing is empty")
        let tooMany = await failure { try await store.list(prefix: "contract/list/", limit: 5) }
        check(
            tooMany == .tooLarge(key: "contract/list/", limit: 5),
            "a listing beyond the limit is refused, not cut")
        for key in keys { try await store.delete(key) }
        return check.findings
    }

    private func transfer() async throws -> [String] {
        var check = Findings()
        let key = "contract/transfer/model.bin"
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        let digest = Digest(of: bytes)
        files.write("source", bytes)
        try await store.upload(file: files("source"), to: key, sha256: digest, if: .absent)
        check(try await store.head(key)?.size == bytes.count, "an upload has its size")
        try await store.download(key, to: files("copy"), size: bytes.count, sha256: digest)
        check(files.read("copy") == bytes, "a download has the uploaded bytes")

        let taken = await failure {
            try await store.upload(file: files("source"), to: key, sha256: digest, if: .absent)
        }
        check(taken == .conditionFailed(key: key), "an upload keeps its condition")
        let other = Digest(of: "other")
        let lie = await failure {
            try await store.upload(
                file: files("source"), to: "contract/transfer/lie", sha256: other, if: .always)
        }
        check(lie?.isCorrupt == true, "an upload of other bytes than promised is refused")
        let visible = try await store.head("contract/transfer/lie")
        check(visible == nil, "a refused upload leaves no object")
        for (size, digest) in [(bytes.count, other), (bytes.count - 1, digest)] {
            let corrupt = await failure {
                try await store.download(key, to: files("bad"), size: size, sha256: digest)
            }
            check(corrupt?.isCorrupt == true, "a download of other bytes is refused")
            check(!files.exists("bad"), "a refused download leaves no file")
        }
        let missing = await failure {
            try await store.upload(
                file: files("nothing"), to: "contract/transfer/none", sha256: digest, if: .always)
        }
        check(missing?.isLocal == true, "a missing local file is a local failure")
        try await store.delete(key)
        return check.findings
    }

    private func race() async throws -> [String] {
        var check = Findings()
        let key = "contract/race"
        let winners = await won(12) { try await store.put(key, [UInt8($0)], if: .absent) }
        check(winners == 1, "of many writers under absent one wins, not \(winners)")
        for round in 1...8 {
            guard let etag = try await store.head(key)?.etag else { return ["the winner is gone"] }
            // Other bytes in each round: equal bytes may have equal etags.
            let count = await won(4) {
                try await store.put(key, [UInt8(round), UInt8($0)], if: .matches(etag))
            }
            check(count == 1, "two writers, one etag: one wins, not \(count)")
        }
        try await store.delete(key)
        return check.findings
    }

    private func keys() async throws -> [String] {
        var check = Findings()
        for key in ["", "/a", "a/", "a//b", "../a", "a/../b", "a/./b", "a\nb", "a\0"] {
            let refused = await failure { try await store.put(key, [1], if: .always) }
            check(refused?.isLocal == true, "the key \(key.debugDescription) is refused")
        }
        return check.findings
    }

    /// How many of `count` concurrent writes did not fail.
    private func won(
        _ count: Int, _ write: @escaping @Sendable (Int) async throws -> StoredReceipt
    ) async -> Int {
        await withTaskGroup(of: Bool.self) { group in
            for number in 0..<count {
                group.addTask { (try? await write(number)) != nil }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
    }

    private func failure<Value>(_ call: () async throws -> Value) async -> StoreFailure? {
        do {
            _ = try await call()
            return nil
        } catch {
            return error as? StoreFailure ?? .local("not a StoreFailure: \(error)")
        }
    }
}

private struct Findings {
    var findings: [String] = []

    mutating func callAsFunction(_ holds: Bool, _ promise: String) {
        if !holds { findings.append("not so: \(promise)") }
    }
}

extension StoreFailure {
    fileprivate var isCorrupt: Bool {
        if case .corrupt = self { true } else { false }
    }

    fileprivate var isLocal: Bool {
        if case .local = self { true } else { false }
    }
}
