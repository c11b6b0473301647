import Synchronization
import Training

/// Several at once on one key.
extension ObjectStoreContract {
    @Sendable func racingWriters(_ check: inout Findings) async throws {
        let key = "contract/race"
        let winners = await won(12) { try await store.put(key, [UInt8($0)], if: .absent) }
        check(winners == 1, "of many writers under absent one wins, not \(winners)")
        for round in 1...8 {
            guard let etag = try await store.head(key)?.etag else {
                check(false, "the winner's object stays")
                return
            }
            // Other bytes in each round: equal bytes may have equal etags.
            let count = await won(4) {
                try await store.put(key, [UInt8(round), UInt8($0)], if: .matches(etag))
            }
            check(count == 1, "four writers, one etag: one wins, not \(count)")
        }
        try await store.delete(key)
        files.write("racer", "racer")
        let uploads = await won(4) { _ in
            try await store.upload(
                file: files("racer"), to: key, sha256: Digest(of: "racer"), if: .absent)
        }
        check(uploads == 1, "of many uploads under absent one wins, not \(uploads)")
        try await store.delete(key)
    }

    /// Whatever comes first: what a writer was told is what stands.
    @Sendable func racingDeletes(_ check: inout Findings) async throws {
        let key = "contract/race-delete"
        for round in 0..<6 {
            let etag = try await store.put(key, [UInt8(round)], if: .always).etag
            async let deleted: Void = store.delete(key)
            async let wasAbsent = won(1) { _ in
                try await store.put(key, [UInt8(round), 1], if: .absent)
            }
            try await deleted
            let made = await wasAbsent == 1
            let stands = try await store.head(key) != nil
            check(made == stands, "a write beside a delete stands if it was told so, and only then")
            try await store.delete(key)
            _ = try await store.put(key, [UInt8(round)], if: .always)
            async let gone: Void = store.delete(key)
            async let also: Void = store.delete(key)
            async let matched = won(1) { _ in
                try await store.put(key, [UInt8(round), 2], if: .matches(etag))
            }
            try await gone
            try await also
            _ = await matched
            check(try await store.head(key) == nil, "a delete beside a write that matches wins")
        }
    }

    @Sendable func racingReaders(_ check: inout Findings) async throws {
        let key = "contract/moving"
        try await store.put(key, [UInt8](repeating: 0, count: 40_000), if: .always)
        let isOver = Mutex(false)
        async let writes: Void = {
            defer { isOver.withLock { $0 = true } }
            for round in 1...8 {
                try await store.put(
                    key, [UInt8](repeating: UInt8(round), count: 40_000 + round), if: .always)
            }
        }()
        var isWhole = true
        for _ in 0..<10_000 {
            let isLast = isOver.withLock { $0 }
            let bytes = try await object(key)?.bytes ?? []
            let first = bytes.first ?? 0
            if bytes != [UInt8](repeating: first, count: 40_000 + Int(first)) { isWhole = false }
            if isLast || !isWhole { break }
            await Task.yield()
        }
        check(isWhole, "a reader sees one write whole, whoever writes meanwhile")
        try await writes
        try await store.delete(key)
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
}
