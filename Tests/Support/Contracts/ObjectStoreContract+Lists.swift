import Training

/// Listings, whole or refused.
extension ObjectStoreContract {
    @Sendable func listing(_ check: inout Findings) async throws {
        let keys = ["a", "a-b/c", "a.b", "b/c/d", "b/c0", "bc"].map { "contract/list/x\($0)" }
        for key in keys.reversed() { try await store.put(key, Array(key.utf8), if: .always) }
        let all = try await store.list(prefix: "contract/list/", limit: 6)
        check(all.map(\.key) == sorted(keys), "a listing is whole and sorted by bytes")
        check(
            all.allSatisfy { $0.size == $0.key.utf8.count }, "a listing tells sizes")
        for summary in all {
            check(try await store.head(summary.key) == summary, "a listing and a head agree")
        }
        let part = try await store.list(prefix: "contract/list/xb/c", limit: 9).map(\.key)
        check(part == keys.filter { $0.hasPrefix("contract/list/xb/c") }, "a prefix is any text")
        let one = try await store.list(prefix: "contract/list/xbc", limit: 1).map(\.key)
        check(one == ["contract/list/xbc"], "a whole key is a prefix too")
        let none = try await store.list(prefix: "contract/nothing/", limit: 0)
        check(none.isEmpty, "an empty listing is empty")
        for limit in [5, 1, 0] {
            let failure = await thrown { () async throws(StoreFailure) in
                try await store.list(prefix: "contract/list/", limit: limit)
            }
            check(
                failure == .tooLarge(key: "contract/list/", limit: limit),
                "a listing beyond the limit of \(limit) is refused, not cut")
        }
        try await store.delete(keys[0])
        let left = try await store.list(prefix: "contract/list/", limit: 6).map(\.key)
        check(left == sorted(Array(keys.dropFirst())), "a deleted object is not listed")
        for key in keys { try await store.delete(key) }
    }

    /// To the end, over as many pages as it takes.
    @Sendable func wholeListing(_ check: inout Findings) async throws {
        let keys = (0..<listed).map { "contract/pages/\(1_000_000 + $0)" }
        try await each(keys) { try await store.put($0, [1], if: .absent) }
        let all = try await store.list(prefix: "contract/pages/", limit: listed).map(\.key)
        check(all == keys, "a listing goes on to the end: \(all.count) of \(listed)")
        let failure = await thrown { () async throws(StoreFailure) in
            try await store.list(prefix: "contract/pages/", limit: listed - 1)
        }
        check(
            failure == .tooLarge(key: "contract/pages/", limit: listed - 1),
            "one object beyond the limit is noticed, on whatever page it stands")
        try await each(keys) { try await store.delete($0) }
        let left = try await store.list(prefix: "contract/pages/", limit: listed)
        check(left.isEmpty, "all are gone: \(left.count) are left")
    }

    /// Sixteen at a time.
    private func each(
        _ keys: [String], _ body: @escaping @Sendable (String) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, key) in keys.enumerated() {
                if number >= 16 { try await group.next() }
                group.addTask { try await body(key) }
            }
            try await group.waitForAll()
        }
    }
}
