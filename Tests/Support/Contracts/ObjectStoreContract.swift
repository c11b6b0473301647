package import Training

/// What every conformance of `ObjectStore` must do, whatever stands behind it.
///
/// Gives what it finds wrong, one line a finding; empty: the store keeps the port's promises. The
/// store is empty below `contract/` before, and is left so.
package struct ObjectStoreContract: Sendable {
    /// What a store does otherwise by its nature; what it does instead is checked.
    package enum Exception: Hashable, Sendable {
        /// Of a key and a longer one below it (`a` and `a/b`) only one can exist.
        case refusesKeysBelowKeys
    }

    let store: any ObjectStore
    let files: TemporaryDirectory
    let exceptions: Set<Exception>
    let listed: Int

    /// `listed`: how many objects one listing has, so that a store with pages needs more than one.
    package init(
        _ store: any ObjectStore, files: TemporaryDirectory, except exceptions: Set<Exception> = [],
        listed: Int = 7
    ) {
        self.store = store
        self.files = files
        self.exceptions = exceptions
        self.listed = listed
    }

    package func findings() async -> [String] {
        typealias Chapter = @Sendable (inout Findings) async throws -> Void
        let chapters: [(String, Chapter)] = [
            ("read and write", readAndWrite), ("unchanged", unchanged),
            ("conditions", conditions), ("time", time), ("listing", listing),
            ("whole listing", wholeListing), ("upload", upload), ("download", download),
            ("racing writers", racingWriters), ("racing deletes", racingDeletes),
            ("readers of a moving object", racingReaders), ("keys", keys),
            ("keys below keys", nestedKeys),
        ]
        var lines: [String] = []
        for (name, chapter) in chapters {
            var check = Findings()
            do {
                try await chapter(&check)
                lines += check.lines.map { "\(name): \($0)" }
            } catch {
                lines += check.lines.map { "\(name): \($0)" } + ["\(name): threw \(error)"]
            }
        }
        do {
            let left = try await store.list(prefix: "contract/", limit: 10_000).map(\.key)
            if !left.isEmpty { lines.append("left behind: \(left.prefix(5))") }
        } catch {
            lines.append("cannot be listed in the end: \(error)")
        }
        return lines
    }

    // MARK: One object

    @Sendable private func readAndWrite(_ check: inout Findings) async throws {
        let key = "contract/read/a.json"
        check(try await store.get(key, limit: 10, unless: nil) == nil, "a missing object is nil")
        check(try await store.head(key) == nil, "the head of a missing object is nil")
        let receipt = try await store.put(key, [1, 2, 3], if: .always)
        let object = try await object(key, limit: 3)
        check(object?.bytes == [1, 2, 3], "the bytes come back, at a limit that just holds them")
        check(object?.etag == receipt.etag, "the read and the receipt have one etag")
        let head = try await store.head(key)
        check(
            head?.key == key && head?.size == 3 && head?.etag == receipt.etag,
            "the head tells key, size and etag")
        check(head?.lastModified == object?.lastModified, "head and read tell one time")
        let oversize = await thrown { () async throws(StoreFailure) in
            try await store.get(key, limit: 2, unless: nil)
        }
        check(oversize == .tooLarge(key: key, limit: 2), "an object beyond the limit is refused")
        let next = try await store.put(key, [1, 2, 4], if: .always)
        check(next.etag != receipt.etag, "other bytes have another etag")
        check(try await self.object(key)?.bytes == [1, 2, 4], "the last write is read at once")
        let empty = "contract/read/empty"
        try await store.put(empty, [], if: .absent)
        check(try await store.head(empty)?.size == 0, "an object may be empty")
        check(try await self.object(empty, limit: 0)?.bytes == [], "and is read as such")
        for key in [key, empty] {
            try await store.delete(key)
            try await store.delete(key)
            check(try await store.head(key) == nil, "a deleted object is gone")
            check(
                try await store.get(key, limit: 9, unless: next.etag) == nil,
                "gone also for who knows its etag")
        }
    }

    @Sendable private func unchanged(_ check: inout Findings) async throws {
        for bytes: [UInt8] in [[1, 2, 3], []] {
            let key = "contract/unchanged/\(bytes.count)"
            let etag = try await store.put(key, bytes, if: .always).etag
            for limit in [9, 0] {
                check(
                    try await store.get(key, limit: limit, unless: etag) == .unchanged,
                    "a known etag reads as unchanged, at a limit of \(limit)")
            }
            let other = try await store.get(key, limit: 9, unless: ETag("\"none\""))
            check(other?.bytes == bytes, "another etag reads the object")
            let next = try await store.put(key, [9], if: .matches(etag)).etag
            let changed = try await store.get(key, limit: 9, unless: etag)
            check(changed?.bytes == [9], "an old etag reads the new object")
            check(
                try await store.get(key, limit: 9, unless: next) == .unchanged,
                "the new etag reads as unchanged")
            try await store.delete(key)
        }
    }

    @Sendable private func conditions(_ check: inout Findings) async throws {
        let key = "contract/conditions"
        let refused = StoreFailure.conditionFailed(key: key)
        let early = await failure(key, [0], .matches(ETag("\"none\"")))
        check(early == refused, "no object matches an etag that is not there")
        check(try await store.head(key) == nil, "a refused write makes no object")
        let first = try await store.put(key, [1], if: .absent)
        check(await failure(key, [2], .absent) == refused, "absent holds once")
        check(await failure(key, [1], .absent) == refused, "also for the same bytes")
        let next = try await store.put(key, [3], if: .matches(first.etag))
        check(await failure(key, [4], .matches(first.etag)) == refused, "an old etag fails")
        let object = try await object(key)
        check(object?.bytes == [3] && object?.etag == next.etag, "a refused write changes nothing")
        try await store.put(key, [5], if: .always)
        check(await failure(key, [6], .matches(next.etag)) == refused, "always moves the etag on")
        try await store.delete(key)
        check(
            await failure(key, [7], .matches(next.etag)) == refused,
            "nothing matches after a delete")
        check(await failure(key, [8], .absent) == nil, "absent holds again after a delete")
        try await store.delete(key)
    }

    @Sendable private func time(_ check: inout Findings) async throws {
        let key = "contract/time"
        let before = try await store.serverTime()
        try await store.put(key, [1], if: .always)
        let first = try await store.head(key)?.lastModified
        try await store.put(key, [2], if: .always)
        let second = try await store.head(key)?.lastModified
        let after = try await store.serverTime()
        check(before <= after, "the server's time does not run backwards")
        // Servers tell whole seconds, cut off, and their answer takes a moment.
        let span = (before - 2)...(after + 2)
        check(first.map(span.contains) == true, "a write has the server's time")
        check(second.map(span.contains) == true, "so has the next one")
        if let first, let second { check(first <= second, "a later write is not earlier") }
        try await store.delete(key)
    }

    // MARK: Keys

    @Sendable private func keys(_ check: inout Findings) async throws {
        let illegal = [
            "", "/a", "a/", "a//b", "..", "../a", "a/../b", "a/./b", "a\nb", "a\0", "a\u{7f}",
            String(repeating: "x", count: 256), String(repeating: "x/", count: 512) + "x",
        ]
        for key in illegal {
            let shown = String(key.debugDescription.prefix(20))
            check(await failure(key, [1], .always)?.isLocal == true, "\(shown) is no key to put")
            let got = await thrown { () async throws(StoreFailure) in
                try await store.get(key, limit: 9, unless: nil)
            }
            check(got?.isLocal == true, "\(shown) is no key to get")
            let deleted = await thrown { () async throws(StoreFailure) in
                try await store.delete(key)
            }
            check(deleted?.isLocal == true, "\(shown) is no key to delete")
        }
        let odd = [
            "a b", "a%2Bb", "a+b", "a&b<c>", "x=y?z#w", "~t", ".hidden", "...", "\u{e4}/\u{f6}",
            "\u{1d11e}", String(repeating: "y", count: 255),
        ].map { "contract/odd/\($0)" }
        for key in odd { try await store.put(key, Array(key.utf8), if: .absent) }
        let listed = try await store.list(prefix: "contract/odd/", limit: odd.count).map(\.key)
        check(listed == sorted(odd), "odd keys are listed as they are: \(listed)")
        for key in odd {
            check(try await object(key)?.bytes == Array(key.utf8), "\(key) is read")
            try await store.delete(key)
        }
    }

    @Sendable private func nestedKeys(_ check: inout Findings) async throws {
        let (short, long) = ("contract/nested/a", "contract/nested/a/b")
        for (first, second) in [(short, long), (long, short)] {
            try await store.put(first, [1], if: .always)
            let failure = await failure(second, [2], .always)
            let keys = try await store.list(prefix: "contract/nested/", limit: 9).map(\.key)
            if exceptions.contains(.refusesKeysBelowKeys) {
                check(failure?.isLocal == true, "\(second) is refused beside \(first)")
                check(keys == [first], "the first of them stays")
            } else {
                check(failure == nil && keys == [short, long], "a key may lie below a key")
            }
            for key in [first, second] { try await store.delete(key) }
        }
    }

    // MARK: Asking

    func object(_ key: String, limit: Int = 1 << 20) async throws -> StoredObject? {
        guard case .object(let object) = try await store.get(key, limit: limit, unless: nil) else {
            return nil
        }
        return object
    }

    func failure(
        _ key: String, _ bytes: [UInt8], _ condition: WriteCondition
    ) async -> StoreFailure? {
        await thrown { () async throws(StoreFailure) in
            try await store.put(key, bytes, if: condition)
        }
    }

    func sorted(_ keys: [String]) -> [String] {
        keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}

extension StoredRead {
    fileprivate var bytes: [UInt8]? {
        if case .object(let object) = self { object.bytes } else { nil }
    }
}

extension StoreFailure {
    var isCorrupt: Bool {
        if case .corrupt = self { true } else { false }
    }

    var isLocal: Bool {
        if case .local = self { true } else { false }
    }
}
