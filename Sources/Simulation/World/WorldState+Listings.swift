import Training

/// Lists of objects, which most passes ask for again though nothing was written.
struct Listing: Sendable {
    /// What the folder's version was.
    var version: Int
    var summaries: [StoredSummary]
}

extension WorldState {
    /// Every object below `prefix`, as the store gives it: from the list before, while nothing was
    /// written in its folder since.
    mutating func list(
        _ prefix: String, limit: Int
    ) throws(StoreFailure) -> [StoredSummary] {
        guard StoreLayout.folders.contains(prefix),
            cloud.s3.buckets.keys.contains(bucket.location.bucket)
        else { return try bucket.list(prefix: prefix, limit: limit, in: cloud.s3) }
        let version = folders[prefix, default: 0]
        if let known = listings[prefix], known.version == version, known.summaries.count <= limit {
            return known.summaries
        }
        let summaries = try bucket.list(prefix: prefix, limit: limit, in: cloud.s3)
        listings[prefix] = Listing(version: version, summaries: summaries)
        return summaries
    }

    /// A heartbeat was written again with the words that it had: its list changes in one place.
    mutating func renew(_ heartbeat: String, at moment: Timestamp) {
        listings[StoreLayout.heartbeats]?.summaries.renew(heartbeat, at: moment)
    }

    /// Something changed in the folder of `key`.
    mutating func touchFolder(of key: String) {
        folders[WorldState.folder(of: key), default: 0] += 1
    }

    /// Up to and with the first `/`.
    private static func folder(of key: String) -> String {
        guard let end = key.utf8.firstIndex(of: UInt8(ascii: "/")) else { return key }
        return String(key[...end])
    }
}

extension [StoredSummary] {
    /// Keys stand in the order of their bytes.
    fileprivate mutating func renew(_ key: String, at moment: Timestamp) {
        let place = partitioningIndex { !$0.key.utf8.lexicographicallyPrecedes(key.utf8) }
        guard place < count, self[place].key == key, self[place].lastModified < moment else {
            return
        }
        self[place].lastModified = moment
    }
}
