import Training

/// What happens, told to the witnesses.
extension WorldState {
    mutating func note(_ fact: WorldFact, by process: ProcessID?) {
        switch fact {
        case .launched, .ordered: changed()
        case .read(let reading, let isWhole): saw(reading, isWhole: isWhole, process)
        case .fetched(nil): process.map { seen[$0] = nil }
        default: break
        }
        witness?.note(fact, by: process, at: now, cloud: cloud)
        record?.note(fact, by: process, at: now)
        record?.story?.note(fact, at: now, in: cloud)
    }

    /// A look begins with the scope's record; one that is answered in part has not seen all.
    private mutating func saw(
        _ reading: WorldFact.Reading, isWhole: Bool, _ process: ProcessID?
    ) {
        guard let process else { return }
        if !isWhole {
            seen[process] = nil
        } else if reading == .list(prefix: StoreLayout.scope) {
            seen[process] = version
        }
    }

    /// An object was written.
    ///
    /// A plan depends on records alone, and on a heartbeat only when it does not come.
    mutating func wrote(_ key: String, _ etag: ETag, by process: ProcessID) {
        if !key.hasPrefix("runs/"), !key.hasPrefix(StoreLayout.heartbeats) { changed() }
        trace.mix(key)
        touchFolder(of: key)
        if key.hasPrefix(StoreLayout.ledgers) { ledgerChanged(of: key) }
        note(.wrote(key: key, etag: etag), by: process)
    }

    mutating func deleted(_ key: String, by process: ProcessID) {
        changed()
        trace.mix(key)
        touchFolder(of: key)
        note(.deleted(key: key), by: process)
    }
}
