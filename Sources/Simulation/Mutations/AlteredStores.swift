import Checkpoints
import Training

/// An agent that always finds its own claim in the index, and its ledger as it was when it claimed.
struct DeafAgent: StoreWrapper {
    struct Known {
        var claim: Claim?
        var ledgers: [String: StoredRead] = [:]
    }

    let base: any ObjectStore
    let coding: any RecordCoding
    let known = Memory(Known())

    func get(
        _ key: String, limit: Int, unless etag: ETag?
    ) async throws(StoreFailure) -> StoredRead? {
        if key.hasPrefix(StoreLayout.ledgers) {
            if let old = known.with({ $0.claim == nil ? nil : $0.ledgers[key] }) { return old }
            let read = try await base.get(key, limit: limit, unless: etag)
            if case .object = read { known.with { $0.ledgers[key] = read } }
            return read
        }
        let read = try await base.get(key, limit: limit, unless: etag)
        guard key.hasPrefix(StoreLayout.indexes), case .object(var object) = read,
            let mine = known.with({ $0.claim }),
            var index = try? coding.decode(RunIndex.self, from: object.bytes)
        else { return read }
        index.claim = mine
        object.bytes = coding.encode(index)
        return .object(object)
    }

    func put(
        _ key: String, _ bytes: [UInt8], if condition: WriteCondition
    ) async throws(StoreFailure) -> StoredReceipt {
        if key.hasPrefix(StoreLayout.indexes),
            let index = try? coding.decode(RunIndex.self, from: bytes)
        {
            known.with { $0.claim = $0.claim ?? index.claim }
        }
        return try await base.put(key, bytes, if: condition)
    }
}

/// Reads indexes as if nobody had claimed their runs.
struct SeesNoClaims: StoreWrapper {
    let base: any ObjectStore
    let coding: any RecordCoding

    func get(
        _ key: String, limit: Int, unless known: ETag?
    ) async throws(StoreFailure) -> StoredRead? {
        let read = try await base.get(key, limit: limit, unless: known)
        guard key.hasPrefix(StoreLayout.indexes) else { return read }
        return read?.altered(as: RunIndex.self, in: coding) { $0.claim = nil }
    }
}

/// Deletes the checkpoint two after the one that it should.
struct DeletesNewer: StoreWrapper {
    let base: any ObjectStore

    func delete(_ key: String) async throws(StoreFailure) {
        guard let place = CheckpointKey(key), place.isManifest else {
            return try await base.delete(key)
        }
        let newer = CheckpointID(attempt: place.id.attempt, sequence: place.id.sequence + 2)
        try await base.delete(StoreLayout.manifest(place.run, newer))
    }
}

/// Deletes nothing, and says that it did.
struct DeletesNothing: StoreWrapper {
    let base: any ObjectStore

    func delete(_ key: String) async throws(StoreFailure) {}
}

/// Reads the scope's record always anew, and without terminations of more than a minute ago.
struct ForgetsTerminations: StoreWrapper {
    let base: any ObjectStore
    let coding: any RecordCoding

    func get(
        _ key: String, limit: Int, unless known: ETag?
    ) async throws(StoreFailure) -> StoredRead? {
        let isScope = key == StoreLayout.scope
        let read = try await base.get(key, limit: limit, unless: isScope ? nil : known)
        guard isScope, let read else { return read }
        let now = try await base.serverTime()
        return read.altered(as: ScopeRecord.self, in: coding) { scope in
            scope.terminations.removeAll { now.since($0.at) > 60 }
        }
    }

    func list(prefix: String, limit: Int) async throws(StoreFailure) -> [StoredSummary] {
        var found = try await base.list(prefix: prefix, limit: limit)
        for place in found.indices where found[place].key == StoreLayout.scope {
            found[place].etag = ETag("unread")
        }
        return found
    }
}

extension StoredRead {
    /// The same read with another record in it; what is no such record stays as it is.
    fileprivate func altered<Record: Codable & Hashable & Sendable>(
        as type: Record.Type, in coding: any RecordCoding, _ change: (inout Record) -> Void
    ) -> StoredRead {
        guard case .object(var object) = self,
            var record = try? coding.decode(type, from: object.bytes)
        else { return self }
        change(&record)
        object.bytes = coding.encode(record)
        return .object(object)
    }
}
