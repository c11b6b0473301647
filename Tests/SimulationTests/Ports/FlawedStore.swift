import TestSupport
import Training

/// A store that keeps all of the port's promises but one.
struct FlawedStore: ObjectStore {
    enum Flaw: CaseIterable {
        case ignoresConditions, looksBeforeItWrites, tearsWrites, losesWrites, refusesTwice
        case neverUnchanged, alwaysUnchanged, readsBeyondLimit, readsNothingAsEmpty
        case cutsLists, listsOnePage, unsortsLists, listsDeleted
        case believesUploads, believesDownloads, leavesFiles, takesAnyFile
        case deletesLittle, deletesOnce, takesAnyKey, hasFutureTimes
    }

    let store: SharedStore
    let flaw: Flaw

    var identity: StoreIdentity { store.identity }

    func get(
        _ key: String, limit: Int, unless known: ETag?
    ) async throws(StoreFailure) -> StoredRead? {
        switch flaw {
        case .neverUnchanged: return try await store.get(key, limit: limit, unless: nil)
        case .alwaysUnchanged where known != nil: return .unchanged
        case .readsBeyondLimit: return try await store.get(key, limit: 1 << 30, unless: known)
        case .readsNothingAsEmpty:
            let found = try await store.get(key, limit: limit, unless: known)
            let epoch = Timestamp(milliseconds: 0)
            return found ?? .object(StoredObject(bytes: [], etag: ETag(""), lastModified: epoch))
        case .takesAnyKey where (try? ObjectKey(key)) == nil: return nil
        default: return try await store.get(key, limit: limit, unless: known)
        }
    }

    func head(_ key: String) async throws(StoreFailure) -> StoredSummary? {
        var found = try await store.head(key)
        if flaw == .hasFutureTimes, let time = found?.lastModified {
            found?.lastModified = time + 60
        }
        return found
    }

    func put(
        _ key: String, _ bytes: [UInt8], if condition: WriteCondition
    ) async throws(StoreFailure) -> StoredReceipt {
        switch flaw {
        case .ignoresConditions: return try await store.put(key, bytes, if: .always)
        case .looksBeforeItWrites:
            let found = try await store.head(key)
            switch condition {
            case .absent where found != nil: throw .conditionFailed(key: key)
            case .matches(let etag) where found?.etag != etag: throw .conditionFailed(key: key)
            default: break
            }
            // Whoever writes at the same time has looked by then.
            try? await Task.sleep(for: .milliseconds(20))
            return try await store.put(key, bytes, if: .always)
        case .tearsWrites where bytes.count > 1000:
            _ = try await store.put(key, Array(bytes[..<1000]), if: condition)
            try? await Task.sleep(for: .milliseconds(2))
            return try await store.put(key, bytes, if: .always)
        case .losesWrites where condition == .always:
            if let found = try await store.head(key) { return StoredReceipt(etag: found.etag) }
            return try await store.put(key, bytes, if: condition)
        case .refusesTwice where condition == .absent:
            // Forgets that a delete makes room.
            let mark = "\(key).made"
            _ = try await store.put(mark, [], if: .absent)
            return try await store.put(key, bytes, if: condition)
        case .takesAnyKey where (try? ObjectKey(key)) == nil: return StoredReceipt(etag: ETag(""))
        default: return try await store.put(key, bytes, if: condition)
        }
    }

    func upload(
        file path: String, to key: String, sha256: Digest, if condition: WriteCondition
    ) async throws(StoreFailure) -> StoredReceipt {
        let bytes = LocalFile.read(path)
        if flaw == .believesUploads, let bytes {
            return try await store.put(key, bytes, if: condition)
        }
        if flaw == .takesAnyFile, bytes == nil {
            return try await store.put(key, [], if: condition)
        }
        return try await store.upload(file: path, to: key, sha256: sha256, if: condition)
    }

    func download(
        _ key: String, to path: String, size: Int, sha256: Digest
    ) async throws(StoreFailure) {
        switch flaw {
        case .believesDownloads:
            guard case .object(let object) = try await store.get(key, limit: 1 << 30, unless: nil)
            else { throw .corrupt(key: key, detail: "missing") }
            guard LocalFile.write(path, object.bytes) else { throw .local(path) }
        case .leavesFiles:
            LocalFile.write(path + ".part", [1])
            try await store.download(key, to: path, size: size, sha256: sha256)
        default: try await store.download(key, to: path, size: size, sha256: sha256)
        }
    }

    func delete(_ key: String) async throws(StoreFailure) {
        switch flaw {
        case .deletesLittle:
            if try await store.head(key) != nil { _ = try await store.put(key, [], if: .always) }
        case .deletesOnce:
            guard try await store.head(key) != nil else { throw .unavailable("not there") }
            try await store.delete(key)
        case .takesAnyKey where (try? ObjectKey(key)) == nil: return
        default: try await store.delete(key)
        }
    }

    func list(prefix: String, limit: Int) async throws(StoreFailure) -> [StoredSummary] {
        let found = try await store.list(
            prefix: prefix, limit: flaw == .cutsLists ? 1 << 20 : limit)
        switch flaw {
        case .cutsLists: return Array(found.prefix(limit))
        case .listsOnePage: return Array(found.prefix(1000))
        case .unsortsLists: return found.reversed()
        case .listsDeleted where found.count == 5: return found + found.suffix(1)
        default: return found
        }
    }

    func serverTime() async throws(StoreFailure) -> Timestamp { try await store.serverTime() }
}
