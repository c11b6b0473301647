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
    private let ledgers = RecordCache<Ledger, RunName>(
        below: StoreLayout.ledgers, named: StoreLayout.run(ofRecord:))
    private let indexes = RecordCache<RunIndex, RunName>(
        below: StoreLayout.indexes, named: StoreLayout.run(ofRecord:))
    private let heartbeats = RecordCache<Heartbeat, (run: RunName, attempt: Int)>(
        below: StoreLayout.heartbeats, named: StoreLayout.attempt(ofHeartbeat:))
    /// What these records say of the runs, brought up to date by each look.
    private var collected = (runs: [RunName: ObservedRun](), unknown: [RunName: String]())
    private var scope: Versioned<ScopeRecord>?
    /// What was loaded last of an applied revision.
    private var applied: [ScopeRecord.AppliedRun: DesiredRun] = [:]

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
        try await ledgers.refresh(from: records)
        try await indexes.refresh(from: records)
        try await heartbeats.refresh(from: records)
        collect()
        var observation = Observation(
            at: try await records.store.serverTime(), scope: scope?.record, runs: collected.runs,
            instances: machines.seen, regions: regions, unknownRegions: machines.unknown,
            unknownRuns: collected.unknown)
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
        let listed = Set(observation.instances.lazy.map(\.id))
        let missing = observation.runs.compactMap { run, record -> (RunName, Launch)? in
            guard let launch = record.ledger?.openLaunch, let id = launch.instance,
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

    /// Brings what is collected up to date with the records.
    private func collect() {
        let news = (ledgers.takeNews(), indexes.takeNews(), heartbeats.takeNews())
        if case (let ledgers?, let indexes?, let heartbeats?) = news {
            collect(ledgers, indexes, heartbeats)
        } else {
            collected = ([:], [:])
            collect(ledgers.entries.indices, indexes.entries.indices, heartbeats.entries.indices)
        }
    }

    private func collect(
        _ newLedgers: some Sequence<Int>, _ newIndexes: some Sequence<Int>,
        _ newHeartbeats: some Sequence<Int>
    ) {
        for place in newLedgers {
            guard let run = ledgers.entries[place].name else { continue }
            switch ledgers.entries[place].content {
            case .success(let ledger):
                collected.runs[run, default: ObservedRun()].ledger = ledger
            case .failure(let why): collected.unknown[run] = why.description
            case nil: break
            }
        }
        for place in newIndexes {
            guard let run = indexes.entries[place].name else { continue }
            switch indexes.entries[place].content {
            case .success(let index): collected.runs[run, default: ObservedRun()].index = index
            case .failure(let why): collected.unknown[run] = why.description
            case nil: break
            }
        }
        for place in newHeartbeats {
            let entry = heartbeats.entries[place]
            guard let (run, attempt) = entry.name, let content = entry.content else { continue }
            collected.runs[run]?.heartbeats[attempt] = ObservedHeartbeat(
                at: entry.lastModified, body: try? content.get())
        }
    }

    // MARK: What a compare-and-swap stands on

    /// As `readScope`, by way of a listing like every other record of a pass.
    private func refreshScope() async throws(StoreFailure) {
        let found = try await records.store.list(prefix: StoreLayout.scope, limit: 10)
        let summary = found.first { $0.key == StoreLayout.scope }
        if summary?.etag == scope?.etag { return }
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
        guard let entry = ledgers.entry(at: StoreLayout.ledger(run)),
            case .success(let ledger) = entry.content, let etag = entry.etag
        else { return nil }
        return Versioned(record: ledger, etag: etag, lastModified: entry.lastModified)
    }

    func written(_ record: Versioned<Ledger>) {
        ledgers.set(record, at: StoreLayout.ledger(record.record.run))
    }

    // MARK: What was applied

    /// The specs of an applied revision, each read once: its key holds the digest of its bytes.
    func load(_ runs: [ScopeRecord.AppliedRun]) async throws(StoreFailure) -> [DesiredRun] {
        let records = records
        let known = applied
        let missing = runs.filter { known[$0] == nil }
        let read = try await inParallel(missing, limit: Observer.parallelReads) {
            run throws(StoreFailure) in
            do throws(RecordFailure) {
                let spec = try await records.read(RunSpec.self, reference: run.spec)
                return DesiredRun(spec: spec, sourceTree: run.sourceTree)
            } catch {
                throw error.asStoreFailure(run.spec.key)
            }
        }
        let fresh = Dictionary(zip(missing, read)) { first, _ in first }
        let loaded = runs.compactMap { known[$0] ?? fresh[$0] }
        applied = Dictionary(zip(runs, loaded)) { first, _ in first }
        return loaded
    }
}

extension RecordFailure {
    func asStoreFailure(_ key: String) -> StoreFailure {
        if case .store(let failure) = self { return failure }
        return .corrupt(key: key, detail: description)
    }
}
