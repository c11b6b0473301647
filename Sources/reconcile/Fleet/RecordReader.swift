import Checkpoints
import Planning
import Training

/// Reads and changes single records for the commands that need no plan.
struct RecordReader: Sendable {
    /// A lost race is decided anew this often.
    static let tries = 5
    static let objectLimit = 200_000
    /// Attempts that have left a ledger and are still told of.
    static let historyLimit = 1000

    var records: RecordStore

    /// The records of one run; empty when there are none.
    func observe(_ run: RunName) async throws(CommandFailure) -> ObservedRun {
        ObservedRun(
            ledger: try await record(Ledger.self, at: StoreLayout.ledger(run))?.record,
            index: try await record(RunIndex.self, at: StoreLayout.index(run))?.record)
    }

    /// The newest sign of life of one attempt; empty when there is none.
    func heartbeat(
        of run: RunName, attempt: Int
    ) async throws(CommandFailure) -> [Int: ObservedHeartbeat] {
        let key = StoreLayout.heartbeat(run, attempt: attempt, node: 0)
        return try await record(Heartbeat.self, at: key).map {
            [attempt: ObservedHeartbeat(at: $0.lastModified, body: $0.record)]
        } ?? [:]
    }

    /// The records of one run, which must be there.
    func observeKnown(_ run: RunName) async throws(CommandFailure) -> ObservedRun {
        let observed = try await observe(run)
        guard observed.ledger != nil || observed.index != nil else {
            throw CommandFailure(
                "\(run) has no records here: it was never launched",
                advice: await suggestion(for: run))
        }
        return observed
    }

    /// The newest of the attempts that have left the ledger.
    func history(of run: RunName) async throws(CommandFailure) -> [Attempt] {
        do {
            let prefix = StoreLayout.history(run)
            let listing = try await records.store.list(prefix: prefix, limit: Self.objectLimit)
            let numbers = listing.compactMap { StoreLayout.attempt(ofHistory: $0.key) }.sorted()
            var attempts: [Attempt] = []
            for number in numbers.suffix(Self.historyLimit) {
                let key = StoreLayout.history(run, attempt: number)
                guard
                    case .object(let object) = try await records.store.get(
                        key, limit: CanonicalJSON.maximumSize, unless: nil)
                else { continue }
                do {
                    attempts.append(try CanonicalJSON.decode(Attempt.self, from: object.bytes))
                } catch {
                    throw CommandFailure("\(key) cannot be read: \(error)")
                }
            }
            return attempts
        } catch let failure as StoreFailure {
            throw CommandFailure(failure.description)
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure("\(error)")
        }
    }

    /// Every run that has a ledger, sorted.
    func runs() async throws(CommandFailure) -> [RunName] {
        do {
            let listing = try await records.store.list(
                prefix: StoreLayout.ledgers, limit: Self.objectLimit)
            return listing.compactMap { StoreLayout.run(ofRecord: $0.key) }.sorted()
        } catch {
            throw CommandFailure(error.description)
        }
    }

    func scope() async throws(CommandFailure) -> ScopeRecord? {
        try await record(ScopeRecord.self, at: StoreLayout.scope)?.record
    }

    func serverTime() async throws(CommandFailure) -> Timestamp {
        do {
            return try await records.store.serverTime()
        } catch {
            throw CommandFailure(error.description)
        }
    }

    /// Changes a record by compare-and-swap, deciding again when another writer was first.
    func change<Record: SwappedRecord>(
        _ type: Record.Type, at key: String,
        _ body: (inout Record) throws(CommandFailure) -> Void
    ) async throws(CommandFailure) {
        for _ in 0..<Self.tries {
            guard let base = try await record(type, at: key) else {
                throw CommandFailure(
                    "\(key) does not exist: nothing was reconciled here yet",
                    advice: "check --repo and --state")
            }
            var record = base.record
            try body(&record)
            do {
                let outcome = try await records.swap(record, at: key, replacing: base)
                if case .done = outcome { return }
            } catch {
                throw CommandFailure(error.description)
            }
        }
        throw CommandFailure(
            "\(key) is being changed by others all the time", advice: "try again in a moment")
    }

    private func record<Record: StoredRecord>(
        _ type: Record.Type, at key: String
    ) async throws(CommandFailure) -> Versioned<Record>? {
        do {
            guard case .record(let found) = try await records.read(type, at: key) else {
                return nil
            }
            return found
        } catch {
            throw CommandFailure(error.description)
        }
    }

    private func suggestion(for run: RunName) async -> String {
        let known = (try? await runs()) ?? []
        guard !known.isEmpty else { return "nothing was reconciled here yet; see --repo, --state" }
        return "known runs: " + known.prefix(10).map(\.text).joined(separator: ", ")
            + (known.count > 10 ? ", …" : "")
    }
}
