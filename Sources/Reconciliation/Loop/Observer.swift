import Checkpoints
import Planning
import Training

/// Reads what exists: the store's records and the provider's machines.
///
/// Lists, then reads only the objects whose ETag changed since its last look; what it keeps is a
/// cache, and is rebuilt by looking. Never gives a partial observation: what could not be read
/// whole is named in it as unknown.
actor Observer {
    /// Machines that are asked for one by one in a pass.
    static let lookupLimit = 20
    /// More records than this are not a scope that one reconciler should drive.
    static let objectLimit = 200_000
    /// Records that are read at once: a new process reads them all.
    static let parallelReads = 32

    private let records: RecordStore
    private let providers: any InstanceProviders
    private let context: FleetContext
    private var ledgers = RecordCache<Ledger>()
    private var indexes = RecordCache<RunIndex>()
    private var heartbeats = RecordCache<Heartbeat>()
    private var scope: Versioned<ScopeRecord>?

    init(records: RecordStore, providers: any InstanceProviders, context: FleetContext) {
        self.records = records
        self.providers = providers
        self.context = context
    }

    /// One look.
    ///
    /// Machines are read before records, so that no machine is newer than the ledger it is judged
    /// by.
    func observe() async throws(StoreFailure) -> Observation {
        try await refreshScope()
        let regions = Set(context.regions).union(scope?.record.regions ?? []).sorted()
        let machines = await machines(in: regions)
        ledgers = try await ledgers.refreshed(StoreLayout.ledgers, records)
        indexes = try await indexes.refreshed(StoreLayout.indexes, records)
        heartbeats = try await heartbeats.refreshed(StoreLayout.heartbeats, records)
        var observation = Observation(
            at: try await records.store.serverTime(), scope: scope?.record,
            instances: machines.seen, regions: regions, unknownRegions: machines.unknown)
        collect(into: &observation)
        await lookUpMissing(&observation)
        return observation
    }

    // MARK: Machines

    private typealias Machines = (seen: [Instance], unknown: [String: String])

    /// All regions at once: one that is slow or down must not hold up the others.
    private func machines(in regions: [String]) async -> Machines {
        let providers = providers
        let scope = context.scope
        return await withTaskGroup { group in
            for region in regions {
                group.addTask { () -> (String, Result<[Instance], ProviderFailure>) in
                    do throws(ProviderFailure) {
                        return (
                            region, .success(try await providers[region].describe(scope: scope))
                        )
                    } catch {
                        return (region, .failure(error))
                    }
                }
            }
            var machines: Machines = ([], [:])
            for await (region, outcome) in group {
                switch outcome {
                case .success(let seen): machines.seen += seen
                case .failure(let failure): machines.unknown[region] = failure.description
                }
            }
            return machines
        }
    }

    /// A machine that the ledger names and no list shows is asked for by its id: its tags may have
    /// been taken away, or fade after its end.
    private func lookUpMissing(_ observation: inout Observation) async {
        let listed = Set(observation.instances.map(\.id))
        let missing = observation.runs.compactMap { run, record -> (RunName, Launch)? in
            guard let launch = record.ledger?.openAttempt?.openLaunch, let id = launch.instance,
                !listed.contains(id),
                observation.at.since(launch.createdAt) > Observation.visibilityDelay
            else { return nil }
            return (run, launch)
        }.sorted { $0.0 < $1.0 }
        for (position, (run, launch)) in missing.enumerated() {
            guard let id = launch.instance,
                let region = observation.runs[run]?.ledger?.region(of: launch),
                observation.unknownRegions[region] == nil
            else { continue }
            guard position < Observer.lookupLimit else {
                observation.unknownRuns[run] = "\(id) is not listed and was not looked up yet"
                continue
            }
            do {
                if let found = try await providers[region].describe(instance: id) {
                    observation.instances.append(found)
                }
            } catch {
                observation.unknownRuns[run] = "\(id): \(error)"
            }
        }
    }

    private func collect(into observation: inout Observation) {
        for (key, entry) in ledgers.entries {
            guard let run = StoreLayout.run(ofRecord: key) else { continue }
            switch entry.content {
            case .success(let ledger): observation.runs[run, default: ObservedRun()].ledger = ledger
            case .failure(let why): observation.unknownRuns[run] = why.description
            }
        }
        for (key, entry) in indexes.entries {
            guard let run = StoreLayout.run(ofRecord: key) else { continue }
            switch entry.content {
            case .success(let index): observation.runs[run, default: ObservedRun()].index = index
            case .failure(let why): observation.unknownRuns[run] = why.description
            }
        }
        for (key, entry) in heartbeats.entries {
            guard let (run, attempt) = StoreLayout.attempt(ofHeartbeat: key) else { continue }
            observation.runs[run]?.heartbeats[attempt] = ObservedHeartbeat(
                at: entry.lastModified, body: try? entry.content.get())
        }
    }

    // MARK: What a compare-and-swap stands on

    /// As `readScope`, by way of a listing like every other record of a pass.
    private func refreshScope() async throws(StoreFailure) {
        let found = try await records.store.list(prefix: StoreLayout.scope, limit: 10)
        let summary = found.first { $0.key == StoreLayout.scope }
        if let summary, summary.etag == scope?.etag { return }
        try await readScope()
    }

    /// The scope record as it stands now; read again only if it changed.
    @discardableResult
    func readScope() async throws(StoreFailure) -> ScopeRecord? {
        do {
            switch try await records.read(
                ScopeRecord.self, at: StoreLayout.scope, unless: scope?.etag)
            {
            case .absent: scope = nil
            case .unchanged: break
            case .record(let found): scope = found
            }
        } catch {
            throw error.asStoreFailure(StoreLayout.scope)
        }
        return scope?.record
    }

    func versionedScope() -> Versioned<ScopeRecord>? { scope }

    func written(_ record: Versioned<ScopeRecord>) { scope = record }

    func ledger(of run: RunName) -> Versioned<Ledger>? {
        let entry = ledgers.entries[StoreLayout.ledger(run)]
        guard let entry, case .success(let ledger) = entry.content else { return nil }
        return Versioned(record: ledger, etag: entry.etag, lastModified: entry.lastModified)
    }

    func written(_ record: Versioned<Ledger>) {
        ledgers.set(record, at: StoreLayout.ledger(record.record.run))
    }
}

/// The records below one prefix, each read again only when its ETag changed.
private struct RecordCache<Record: StoredRecord> {
    struct Entry {
        var etag: ETag
        var lastModified: Timestamp
        var content: Result<Record, RecordFailure>
    }

    private(set) var entries: [String: Entry]

    init(entries: [String: Entry] = [:]) {
        self.entries = entries
    }

    mutating func set(_ record: Versioned<Record>, at key: String) {
        entries[key] = Entry(
            etag: record.etag, lastModified: record.lastModified,
            content: .success(record.record))
    }

    func refreshed(
        _ prefix: String, _ records: RecordStore
    ) async throws(StoreFailure) -> RecordCache {
        let listing = try await records.store.list(prefix: prefix, limit: Observer.objectLimit)
        var fresh: [String: Entry] = [:]
        fresh.reserveCapacity(listing.count)
        var changed: [StoredSummary] = []
        for summary in listing {
            if let known = entries[summary.key], known.etag == summary.etag {
                fresh[summary.key] = known
                fresh[summary.key]?.lastModified = summary.lastModified
            } else {
                changed.append(summary)
            }
        }
        let read = try await inParallel(changed, limit: Observer.parallelReads) {
            summary throws(StoreFailure) in
            try await RecordCache.read(summary, records)
        }
        for (summary, entry) in zip(changed, read) { fresh[summary.key] = entry }
        return RecordCache(entries: fresh)
    }

    /// Malformed content is that record's trouble; a store that does not answer is everybody's.
    private static func read(
        _ summary: StoredSummary, _ records: RecordStore
    ) async throws(StoreFailure) -> Entry? {
        do {
            switch try await records.read(Record.self, at: summary.key) {
            case .record(let found):
                return Entry(
                    etag: found.etag, lastModified: found.lastModified,
                    content: .success(found.record))
            case .absent, .unchanged:
                return nil
            }
        } catch {
            if case .store(let failure) = error, !failure.concernsOneObject { throw failure }
            return Entry(
                etag: summary.etag, lastModified: summary.lastModified, content: .failure(error))
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

extension RecordFailure {
    func asStoreFailure(_ key: String) -> StoreFailure {
        if case .store(let failure) = self { return failure }
        return .corrupt(key: key, detail: description)
    }
}
