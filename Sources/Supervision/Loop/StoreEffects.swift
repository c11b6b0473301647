package import Checkpoints
package import Logging
import Synchronization
package import Training

/// The effects of one life of the agent that go through the store, each with its answer.
///
/// The same code runs on a machine and in the simulator.
package final class StoreEffects: Sendable {
    let records: RecordStore
    private let configuration: AgentConfiguration
    private let identity: MachineIdentity
    private let files: any CheckpointFiles
    private let staging: String
    private let clock: any WallClock
    private let logger: Logger
    private let random: @Sendable () -> UInt64
    private let known = Mutex(Known())

    /// What earlier effects left for later ones.
    private struct Known {
        var ledger: ETag?
        var index: FencedIndex?
    }

    /// `files` are those of the working directory; `staging` is an absolute path outside of it, on
    /// the same file system; no two calls of `random` in any life of any agent give the same.
    package init(
        configuration: AgentConfiguration, identity: MachineIdentity, store: any ObjectStore,
        files: any CheckpointFiles, staging: String, clock: any WallClock, logger: Logger,
        coding: any RecordCoding = JSONRecordCoding(), random: @escaping @Sendable () -> UInt64
    ) {
        self.configuration = configuration
        self.identity = identity
        self.files = files
        self.staging = staging
        self.clock = clock
        self.logger = logger
        self.random = random
        let name = String(random(), radix: 16)
        records = RecordStore(
            store, writer: "\(identity.instance)/\(identity.boot)/\(name)", coding: coding)
    }

    private var index: FencedIndex? { known.withLock { $0.index } }

    /// The attempt that was claimed last; 0 before.
    var attempt: Int { index?.mine.attempt ?? 0 }

    // MARK: Polls

    package func readLedger() async -> LedgerReading {
        await readLedger(unless: known.withLock { $0.ledger })
    }

    private func readLedger(unless etag: ETag?) async -> LedgerReading {
        do {
            let key = StoreLayout.ledger(configuration.run)
            switch try await records.read(Ledger.self, at: key, unless: etag) {
            case .absent: return .missing
            case .unchanged: return .unchanged
            case .record(let ledger):
                known.withLock { $0.ledger = ledger.etag }
                return .ledger(ledger.record)
            }
        } catch {
            return .unreadable("\(error)")
        }
    }

    /// Best effort, since the next one follows soon; whether it was answered.
    @discardableResult
    package func write(_ heartbeat: Heartbeat, attempt: Int) async -> Bool {
        let key = StoreLayout.heartbeat(
            configuration.run, attempt: attempt, node: configuration.node)
        do {
            try await records.store.put(key, records.coding.encode(heartbeat), if: .always)
            return true
        } catch {
            return false
        }
    }

    // MARK: The index

    /// Raises the claim, whose nonce is the same at every try; adopts, and seals; then reads the
    /// ledger.
    package func claim(
        attempt: Int, ordinal: Int, retired: [CheckpointID]
    ) async -> StepResult {
        let index = access(attempt: attempt, ordinal: ordinal)
        return await step { () async throws(FenceFailure) in
            try await index.claim()
            let adoption = try await index.adoptOrphans(retired: retired)
            if !adoption.adopted.isEmpty {
                logger.info("adopted", metadata: ["checkpoints": "\(adoption.adopted)"])
            }
            let claimed = try await index.read()
            switch await readLedger(unless: nil) {
            case .ledger(let ledger): return .claimed(claimed, ledger)
            case .missing, .unchanged: return .failed("the ledger is not there")
            case .unreadable(let reason): return .failed("the ledger is not readable: \(reason)")
            }
        }
    }

    private func access(attempt: Int, ordinal: Int) -> FencedIndex {
        let now = clock.now()
        return known.withLock { known in
            if let index = known.index, index.mine.attempt == attempt { return index }
            let claim = Claim(
                attempt: attempt, ordinal: ordinal, instance: identity.instance,
                boot: identity.boot, nonce: String(random(), radix: 16), at: now)
            let index = FencedIndex(records: records, run: configuration.run, claim: claim)
            known.index = index
            return index
        }
    }

    package func quarantine(
        _ id: CheckpointID, _ digest: SpecDigest, reason: String
    ) async -> StepResult {
        guard let index else { return .failed(StoreEffects.unclaimed) }
        return await step { () async throws(FenceFailure) in
            try await index.quarantine(id, digest: digest, reason: reason, at: clock.now())
            return .index(try await index.read())
        }
    }

    package func setHead(_ id: CheckpointID?) async -> StepResult {
        guard let index else { return .failed(StoreEffects.unclaimed) }
        return await step { () async throws(FenceFailure) in
            try await index.setHead(id)
            return .done
        }
    }

    package func report(_ report: AttemptReport) async -> ReportResult {
        await write { index throws(FenceFailure) in try await index.report(report) }
    }

    package func drop(_ retired: [CheckpointID]) async -> ReportResult {
        await write { index throws(FenceFailure) in try await index.drop(retired: retired) }
    }

    private static let unclaimed = "nothing is claimed"

    private func step(
        _ body: () async throws(FenceFailure) -> StepResult
    ) async -> StepResult {
        do {
            return try await body()
        } catch {
            if case .fenced = error { return .fenced("\(error)") }
            return error.isTransient ? .failed("\(error)") : .invalid("\(error)")
        }
    }

    private func write(
        _ body: (FencedIndex) async throws(FenceFailure) -> Void
    ) async -> ReportResult {
        guard let index else { return .failed(StoreEffects.unclaimed) }
        do {
            try await body(index)
            return .written
        } catch {
            logger.warning("index not written", metadata: ["why": "\(error)"])
            if case .fenced = error { return .fenced("\(error)") }
            return .failed("\(error)")
        }
    }

    // MARK: Specs and checkpoints

    package func fetchSpec(_ reference: StoredReference) async -> StepResult {
        do {
            return .spec(try await records.read(RunSpec.self, reference: reference))
        } catch {
            return error.isTransient ? .failed("\(error)") : .invalid("\(error)")
        }
    }

    /// Commits what stands behind `order.checkpoint`; nil: nothing does any more.
    package func commit(_ order: CommitOrder, _ candidate: Candidate?) async -> CommitResult {
        guard let index, let candidate else { return .refused("it is gone") }
        let committer = CheckpointCommitter(
            index: index, files: files, staging: staging, nonce: random)
        let context = CommitContext(
            generation: order.generation, digest: order.digest, kind: order.policy.kind,
            format: order.policy.format)
        do {
            switch try await committer.commit(candidate, context, at: clock.now()) {
            case .committed(let entry):
                logger.info(
                    "committed",
                    metadata: ["checkpoint": "\(entry.id)", "path": "\(candidate.path)"])
                return .committed(entry)
            case .duplicate(let id): return .duplicate(id)
            case .refused(let reason):
                logger.warning(
                    "refused", metadata: ["path": "\(candidate.path)", "why": "\(reason)"])
                return .refused(reason)
            case .flawed(let flaw):
                logger.warning(
                    "refused", metadata: ["path": "\(candidate.path)", "why": "\(flaw)"])
                return .flawed("\(flaw)")
            }
        } catch {
            logger.warning("not committed", metadata: ["why": "\(error)"])
            if case .fenced = error { return .fenced("\(error)") }
            return .failed("\(error)")
        }
    }

    package func restore(_ reference: CheckpointReference) async -> StepResult {
        let restorer = CheckpointRestorer(records: records, files: files, staging: staging)
        do {
            let restored = try await restorer.restore(
                reference.checkpoint, of: reference.run ?? configuration.run)
            logger.info("restored", metadata: ["checkpoint": "\(reference)"])
            return .restored(path: restored.path)
        } catch {
            switch error {
            case .invalid(let reason): return .invalid(reason)
            case .unavailable(let reason), .failed(let reason): return .failed(reason)
            }
        }
    }
}
