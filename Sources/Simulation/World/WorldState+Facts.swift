import Checkpoints
import Reconciliation
import Training

/// What happens, told to the witnesses.
extension WorldState {
    mutating func note(_ fact: WorldFact, by process: ProcessID?) {
        switch fact {
        case .launched, .ordered: changed()
        case .disturbed: disturbed()
        case .occurred(.planned(let plan, instances: _)): process.map { rests[$0] = Rest(of: plan) }
        case .read(let reading, let isWhole): saw(reading, isWhole: isWhole, process)
        case .fetched(nil):
            if let process, !isShut(.source, from: process) { seen[process] = nil }
        default: break
        }
        witness?.note(fact, by: process, at: now, cloud: cloud)
        record?.note(fact, by: process, at: now)
        record?.story?.note(fact, at: now, in: cloud)
    }

    /// A look begins with the scope's record; one that is answered in part has not seen all, but
    /// where the next one would see no more.
    private mutating func saw(
        _ reading: WorldFact.Reading, isWhole: Bool, _ process: ProcessID?
    ) {
        guard let process else { return }
        if !isWhole, !isShut(reading, from: process) {
            seen[process] = nil
        } else if reading == .list(prefix: StoreLayout.scope) {
            seen[process] = version
        }
    }

    private func isShut(_ reading: WorldFact.Reading, from caller: ProcessID) -> Bool {
        switch reading {
        case .machines(let region): isShut(.compute(.describe, region: region), from: caller)
        case .list, .object: isShut(.store(.get), from: caller)
        case .machine: false
        }
    }

    /// Whether such calls fail until something changes, and not by chance.
    private func isShut(_ call: PortCall, from caller: ProcessID) -> Bool {
        guard network.isOpen(call, from: caller) else { return true }
        return switch call {
        case .store: cloud.s3.buckets[bucket.location.bucket] == nil
        case .compute(_, let region): cloud.regions[region]?.refusals.call != nil
        case .source: repository.failure != nil
        }
    }

    /// Whom it keeps from writing heartbeats will be missed.
    mutating func disturbed() {
        changed()
        enter(.alarm, after: WorldState.silenceAlarm)
    }

    /// An object was written.
    mutating func wrote(_ key: String, _ etag: ETag, by process: ProcessID) {
        switch news(in: key) {
        case .none: break
        case .canWait: changed(canWait: true)
        case .pressing: changed()
        }
        trace.mix(key)
        touchFolder(of: key)
        if key.hasPrefix(StoreLayout.ledgers) { ledgerChanged(of: key) }
        note(.wrote(key: key, etag: etag), by: process)
    }

    mutating func deleted(_ key: String, by process: ProcessID) {
        if !key.hasPrefix(StoreLayout.runs) { changed() }
        trace.mix(key)
        touchFolder(of: key)
        note(.deleted(key: key), by: process)
    }

    private enum News {
        case none
        case canWait
        case pressing
    }

    /// What a written object is to a reconciler.
    ///
    /// A plan depends on records alone, and on a heartbeat only when it does not come.
    private mutating func news(in key: String) -> News {
        if key.hasPrefix(StoreLayout.runs) || key.hasPrefix(StoreLayout.heartbeats) {
            return .none
        }
        guard key.hasPrefix(StoreLayout.indexes),
            let read = try? bucket.get(key, limit: .max, unless: nil, from: cloud.s3),
            case .object(let object) = read,
            let index = try? coding.decode(RunIndex.self, from: object.bytes)
        else { return .pressing }
        let face = IndexFace(claim: index.claim, reports: index.reports)
        return indexFaces.updateValue(face, forKey: key) == face ? .canWait : .pressing
    }
}

/// What a plan depends on in an index, but for its checkpoints.
struct IndexFace: Hashable, Sendable {
    var claim: Claim?
    var reports: [AttemptReport]
}
