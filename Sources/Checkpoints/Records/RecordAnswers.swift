package import Training

/// A record as it was read, with what a later compare-and-swap needs.
package struct Versioned<Record: Sendable & Equatable>: Sendable, Equatable {
    package var record: Record
    package var etag: ETag
    /// The store's time of the write, where it was read; see `RecordStore.swap`.
    package var lastModified: Timestamp

    package init(record: Record, etag: ETag, lastModified: Timestamp) {
        self.record = record
        self.etag = etag
        self.lastModified = lastModified
    }
}

package enum RecordRead<Record: Sendable & Equatable>: Sendable, Equatable {
    case absent
    case unchanged
    case record(Versioned<Record>)
}

package enum SwapOutcome<Record: Sendable & Equatable>: Sendable, Equatable {
    case done(Versioned<Record>)
    /// Another writer was first; what stands there now, nil when nothing does.
    case conflict(Versioned<Record>?)
}

/// Why a record could not be read or written.
package enum RecordFailure: Error, Hashable, Sendable {
    case store(StoreFailure)
    /// Written by a newer Holdfast: this one must not touch it.
    case newer(_ key: String, _ version: Int)
    /// Not what the store should hold there; a person must look. Never quotes the bytes.
    case malformed(key: String, detail: String)

    /// Whether the same call may succeed later with nothing changed by a person.
    package var isTransient: Bool {
        switch self {
        case .store(.unavailable), .store(.conditionFailed): true
        case .store, .newer, .malformed: false
        }
    }
}

extension RecordFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .store(let failure): "\(failure)"
        case .newer(let key, let version):
            "\(key) has version \(version), this Holdfast reads \(supportedVersion): upgrade it"
        case .malformed(let key, let detail): "\(key) is malformed: \(detail)"
        }
    }
}
