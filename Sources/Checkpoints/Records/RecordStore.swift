package import Training

/// The JSON records of a store: bounded reads, and writes by compare-and-swap.
///
/// Holds no state and retries nothing but the look after a lost reply.
package struct RecordStore: Sendable {
    package let store: any ObjectStore
    /// Names this life of this process in what it writes: host, process id and a random part.
    package let writer: String
    package let coding: any RecordCoding

    package init(
        _ store: any ObjectStore, writer: String, coding: any RecordCoding = JSONRecordCoding()
    ) {
        self.store = store
        self.writer = writer
        self.coding = coding
    }

    /// Reads a record; `.unchanged` when its ETag is `known`.
    package func read<Record: StoredRecord>(
        _ type: Record.Type, at key: String, unless known: ETag? = nil
    ) async throws(RecordFailure) -> RecordRead<Record> {
        switch try await object(key, unless: known) {
        case nil: .absent
        case .unchanged: .unchanged
        case .object(let object):
            .record(
                Versioned(
                    record: try decode(type, from: object.bytes, at: key),
                    etag: object.etag, lastModified: object.lastModified))
        }
    }

    /// Replaces `old` (nil: there was none) by `record`, whose serial and writer are set here.
    ///
    /// A write whose reply was lost is looked up and recognised. Still `.store(.unavailable)` when
    /// it is not there: it may yet take effect, so read again before deciding anew.
    package func swap<Record: SwappedRecord>(
        _ record: Record, at key: String, replacing old: Versioned<Record>?
    ) async throws(RecordFailure) -> SwapOutcome<Record> {
        var record = record
        record.serial = (old?.record.serial ?? 0) + 1
        record.writer = writer
        if let defect = record.defect(at: key) {
            throw .malformed(key: key, detail: "not written: \(defect)")
        }
        let bytes = coding.encode(record)
        guard bytes.count <= CanonicalJSON.maximumSize else {
            throw .store(.tooLarge(key: key, limit: CanonicalJSON.maximumSize))
        }
        do {
            let receipt = try await store.put(
                key, bytes, if: old.map { .matches($0.etag) } ?? .absent)
            // The store's own time comes with the next read; until then the old one stands.
            return .done(
                Versioned(
                    record: record, etag: receipt.etag,
                    lastModified: old?.lastModified ?? Timestamp(milliseconds: 0)))
        } catch .conditionFailed {
            return try await outcome(of: record, at: key, afterLostReply: nil)
        } catch .unavailable(let detail) {
            return try await outcome(of: record, at: key, afterLostReply: detail)
        } catch {
            throw .store(error)
        }
    }

    /// Reads immutable JSON and verifies its digest.
    package func read<Value: Decodable & Sendable>(
        _ type: Value.Type, reference: StoredReference
    ) async throws(RecordFailure) -> Value {
        let key = reference.key
        guard case .object(let object) = try await object(key, unless: nil) else {
            throw .malformed(key: key, detail: "the object does not exist")
        }
        guard coding.digest(of: object.bytes) == reference.sha256 else {
            throw .malformed(key: key, detail: "its SHA-256 is not the one that was recorded")
        }
        do {
            return try coding.decode(type, from: object.bytes)
        } catch {
            throw RecordStore.failure(error, at: key)
        }
    }

    /// Writes a value that never changes at its key; success when it is there already.
    package func publish<Value: Codable & Hashable & Sendable>(
        encoding value: Value, at key: String
    ) async throws(RecordFailure) {
        try await publish(coding.encode(value), at: key)
    }

    /// Writes bytes whose key carries their digest; success when they are there already.
    package func publish(_ bytes: [UInt8], at key: String) async throws(RecordFailure) {
        do {
            try await store.put(key, bytes, if: .absent)
        } catch .conditionFailed {
            return
        } catch {
            throw .store(error)
        }
    }

    // MARK: Parts

    private func object(
        _ key: String, unless known: ETag?
    ) async throws(RecordFailure) -> StoredRead? {
        do {
            return try await store.get(key, limit: CanonicalJSON.maximumSize, unless: known)
        } catch {
            throw .store(error)
        }
    }

    /// What stands at `key` after a write that was refused or not answered: our own record (the
    /// first send took effect), or another one.
    private func outcome<Record: SwappedRecord>(
        of record: Record, at key: String, afterLostReply lost: String?
    ) async throws(RecordFailure) -> SwapOutcome<Record> {
        let current: Versioned<Record>? =
            switch try await read(Record.self, at: key) {
            case .record(let found): found
            case .absent, .unchanged: nil
            }
        if let current, current.record == record { return .done(current) }
        // Unanswered and not there: perhaps still under way, perhaps overtaken by another writer.
        if let lost, (current?.record.serial ?? 0) < record.serial {
            throw .store(.unavailable(lost))
        }
        return .conflict(current)
    }

    private func decode<Record: StoredRecord>(
        _ type: Record.Type, from bytes: [UInt8], at key: String
    ) throws(RecordFailure) -> Record {
        let record: Record
        do {
            record = try coding.decode(type, from: bytes)
        } catch {
            // The rest of a newer record may have another shape: then only its version is read.
            try checkVersion(of: bytes, at: key)
            throw RecordStore.failure(error, at: key)
        }
        try RecordStore.check(record.version, at: key)
        if let defect = record.defect(at: key) { throw .malformed(key: key, detail: defect) }
        return record
    }

    private func checkVersion(of bytes: [UInt8], at key: String) throws(RecordFailure) {
        let found: RecordVersion
        do throws(CanonicalJSON.Failure) {
            found = try coding.decode(RecordVersion.self, from: bytes)
        } catch {
            throw RecordStore.failure(error, at: key)
        }
        try RecordStore.check(found.version, at: key)
    }

    private static func check(_ version: Int, at key: String) throws(RecordFailure) {
        guard version <= supportedVersion else { throw .newer(key, version) }
        guard version == supportedVersion else {
            throw .malformed(key: key, detail: "version \(version) never existed")
        }
    }

    private static func failure(
        _ failure: CanonicalJSON.Failure, at key: String
    ) -> RecordFailure {
        switch failure {
        case .tooLarge: .store(.tooLarge(key: key, limit: CanonicalJSON.maximumSize))
        case .malformed(let detail): .malformed(key: key, detail: detail)
        }
    }
}

/// Only the version of a record: what every version of it can be asked for.
private struct RecordVersion: Decodable {
    var version: Int
}
