import Checkpoints
import Training

/// The records below one prefix, each read again only when its ETag changed.
///
/// A part of its observer, which looks once at a time.
final class RecordCache<Record: StoredRecord, Name: Sendable> {
    struct Entry {
        let key: String
        /// What the key names; nil for keys of another form.
        let name: Name?
        /// Nil until it is read.
        var etag: ETag?
        var lastModified: Timestamp
        /// Nil until it is read, and when it is gone.
        var content: Result<Record, RecordFailure>?
    }

    private let prefix: String
    private let name: (String) -> Name?
    /// In the order of the last listing.
    private(set) var entries: [Entry] = []
    private var places: [String: Int] = [:]
    private var news: Set<Int>?

    init(below prefix: String, named name: @escaping (String) -> Name?) {
        self.prefix = prefix
        self.name = name
    }

    /// The entries that changed since this was asked last; nil: all may have, and their number.
    func takeNews() -> Set<Int>? {
        defer { news = [] }
        return news
    }

    func entry(at key: String) -> Entry? {
        places[key].map { entries[$0] }
    }

    func set(_ record: Versioned<Record>, at key: String) {
        let place = places[key] ?? entries.count
        if place == entries.count {
            places[key] = place
            entries.append(unread(key, record.lastModified))
        }
        update(place, to: record.etag, record.lastModified, .success(record.record))
    }

    /// Lists, and reads what is new.
    func refresh(from records: RecordStore) async throws(StoreFailure) {
        let listing = try await records.store.list(prefix: prefix, limit: Observer.objectLimit)
        // By place: an entry is large to copy.
        if listing.count != entries.count
            || !listing.indices.allSatisfy({ listing[$0].key == entries[$0].key })
        {
            arrange(as: listing)
        }
        var stale: [Int] = []
        for place in listing.indices {
            if entries[place].etag != listing[place].etag {
                stale.append(place)
            } else if entries[place].lastModified != listing[place].lastModified {
                entries[place].lastModified = listing[place].lastModified
                news?.insert(place)
            }
        }
        guard !stale.isEmpty else { return }
        let read = try await inParallel(
            stale.map { listing[$0] }, limit: Observer.parallelReads
        ) { summary throws(StoreFailure) in
            try await RecordCache.read(summary, records)
        }
        for (place, reading) in zip(stale, read) {
            update(place, to: reading.etag, reading.lastModified, reading.content)
        }
    }

    private func update(
        _ place: Int, to etag: ETag?, _ lastModified: Timestamp,
        _ content: Result<Record, RecordFailure>?
    ) {
        if case (.success, .success) = (entries[place].content, content) {
            news?.insert(place)
        } else {
            news = nil
        }
        entries[place].etag = etag
        entries[place].lastModified = lastModified
        entries[place].content = content
    }

    /// Keys came or went: as many entries as keys, in their order.
    private func arrange(as listing: [StoredSummary]) {
        entries = listing.map { entry(at: $0.key) ?? unread($0.key, $0.lastModified) }
        places = Dictionary(entries.indices.map { (entries[$0].key, $0) }) { first, _ in first }
        news = nil
    }

    private func unread(_ key: String, _ lastModified: Timestamp) -> Entry {
        Entry(key: key, name: name(key), etag: nil, lastModified: lastModified, content: nil)
    }

    // MARK: Reading

    private typealias Reading = (
        etag: ETag?, lastModified: Timestamp, content: Result<Record, RecordFailure>?
    )

    /// Malformed content is that record's trouble; a store that does not answer is everybody's.
    private static func read(
        _ summary: StoredSummary, _ records: RecordStore
    ) async throws(StoreFailure) -> Reading {
        do {
            switch try await records.read(Record.self, at: summary.key) {
            case .record(let found):
                return (found.etag, found.lastModified, .success(found.record))
            case .absent, .unchanged:
                return (nil, summary.lastModified, nil)
            }
        } catch {
            if case .store(let failure) = error, !failure.concernsOneObject { throw failure }
            return (summary.etag, summary.lastModified, .failure(error))
        }
    }
}

extension StoreFailure {
    fileprivate var concernsOneObject: Bool {
        switch self {
        case .corrupt, .tooLarge: true
        case .conditionFailed, .denied, .unavailable, .local: false
        }
    }
}
