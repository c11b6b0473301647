package import Training

/// One agent's access to the index of its run, through its claim.
///
/// Every write reads the index first (nothing is transferred while it did not change), goes on only
/// while the claim in it is our own, and takes effect by compare-and-swap. So a zombie's next write
/// fails, and of two writers none overwrites the other. Nothing here waits: transient failures go
/// to the caller, who tries again.
package actor FencedIndex {
    package nonisolated let run: RunName
    package nonisolated let mine: Claim
    nonisolated let records: RecordStore

    /// Conflicts with other writers in one call, before `.contended`.
    static let conflictLimit = 8

    private nonisolated var key: String { StoreLayout.index(run) }
    private var known: Versioned<RunIndex>?
    private var wasHeld = false
    private var origin = Origin.lineage

    /// What the next commit of this life goes on from.
    private enum Origin {
        /// Nothing was chosen yet: files that an earlier life left on this machine.
        case lineage
        case head(CheckpointID?)
        case committed(CheckpointID)
    }

    /// `claim` is what this life of the agent will hold; nothing is read or written yet.
    package init(records: RecordStore, run: RunName, claim: Claim) {
        self.records = records
        self.run = run
        mine = claim
    }

    /// Takes the right to commit.
    ///
    /// Claiming again is a success that writes nothing.
    ///
    /// Refused with `.fenced` when a greater attempt holds it, when the same attempt does on
    /// another machine, and when a later life replaced a claim that was ours. That the attempt
    /// before is closed with evidence is for the caller to check in the ledger.
    @discardableResult
    package func claim() async throws(FenceFailure) -> RunIndex {
        let index = try await change(whoever: true) { index throws(FenceFailure) in
            if let held = index.claim {
                // By the nonce, our own write is known again after a lost reply.
                if held.nonce == mine.nonce { return }
                if wasHeld || held.attempt > mine.attempt
                    || held.attempt == mine.attempt && held.instance != mine.instance
                {
                    throw .fenced(by: held)
                }
            }
            index.claim = mine
        }
        wasHeld = true
        return index
    }

    /// Reads the index; `.fenced` when the claim in it is not our own.
    package func read() async throws(FenceFailure) -> RunIndex {
        guard let current = try await refresh()?.record, current.claim?.nonce == mine.nonce else {
            throw .fenced(by: known?.record.claim)
        }
        return current
    }

    /// Sets what this attempt goes on from (nil: a fresh start); before its trainer starts.
    package func setHead(_ checkpoint: CheckpointID?) async throws(FenceFailure) {
        let head = Head(attempt: mine.attempt, checkpoint: checkpoint)
        try await change { index in index.head = head }
        origin = .head(checkpoint)
    }

    /// Sets this attempt's report; its texts are clipped to the index's bounds.
    package func report(_ report: AttemptReport) async throws(FenceFailure) {
        let report = report.clipped(attempt: mine.attempt)
        try await change { index in index.insert(report) }
    }

    /// Keeps a checkpoint from being used with a spec; the first reason stays.
    package func quarantine(
        _ id: CheckpointID, digest: SpecDigest, reason: String, at now: Timestamp
    ) async throws(FenceFailure) {
        let quarantine = Quarantine(
            digest: digest, attempt: mine.attempt,
            reason: IndexText.clip(reason, to: IndexText.detailLength), at: now)
        try await change { index in index.quarantine(id, quarantine) }
    }

    /// Drops the entries whose bytes the control plane deletes (`Ledger.retired`).
    package func drop(retired: [CheckpointID]) async throws(FenceFailure) {
        try await change { index in index.drop(Set(retired)) }
    }

    /// Adds committed checkpoints; entries that are there already stay as they are.
    ///
    /// With `sealing`, no checkpoint of that attempt or an older one is adopted any more.
    func add(
        _ checkpoints: [IndexedCheckpoint], sealing attempt: Int? = nil
    ) async throws(FenceFailure) {
        try await change { index in
            for checkpoint in checkpoints { index.insert(checkpoint) }
            if let attempt { index.sealedThrough = max(index.sealedThrough, attempt) }
        }
    }

    /// Adds the checkpoint that this life has committed: the parent of its next one.
    func add(committed checkpoint: IndexedCheckpoint) async throws(FenceFailure) {
        try await add([checkpoint])
        origin = .committed(checkpoint.id)
    }

    /// The name and the parent of this life's next commit, with a sequence greater than `taken`.
    func ticket(after taken: Int) async throws(FenceFailure) -> CommitTicket {
        let index = try await read()
        let newest = index.checkpoints.last { $0.id.attempt == mine.attempt }?.id.sequence ?? 0
        let id = CheckpointID(attempt: mine.attempt, sequence: max(newest, taken) + 1)
        let parent =
            switch origin {
            case .lineage: index.tip?.id
            case .head(let head): head
            case .committed(let last): last
            }
        return CommitTicket(id: id, parent: parent)
    }

    // MARK: Read, check, swap

    /// Applies `mutate` to the newest index until a swap takes effect; writes nothing when it
    /// changes nothing.
    @discardableResult
    private func change(
        whoever: Bool = false, _ mutate: (inout RunIndex) throws(FenceFailure) -> Void
    ) async throws(FenceFailure) -> RunIndex {
        for _ in 0..<FencedIndex.conflictLimit {
            let old = try await refresh()
            var index = old?.record ?? RunIndex(run: run, writer: records.writer)
            if !whoever && index.claim?.nonce != mine.nonce { throw .fenced(by: index.claim) }
            try mutate(&index)
            if index == old?.record { return index }
            switch try await swap(index, replacing: old) {
            case .done(let written):
                known = written
                return written.record
            case .conflict(let other):
                known = other
            }
        }
        throw .contended
    }

    private func refresh() async throws(FenceFailure) -> Versioned<RunIndex>? {
        do {
            switch try await records.read(RunIndex.self, at: key, unless: known?.etag) {
            case .unchanged: break
            case .absent: known = nil
            case .record(let current): known = current
            }
            return known
        } catch {
            throw .record(error)
        }
    }

    private func swap(
        _ index: RunIndex, replacing old: Versioned<RunIndex>?
    ) async throws(FenceFailure) -> SwapOutcome<RunIndex> {
        do {
            return try await records.swap(index, at: key, replacing: old)
        } catch {
            throw .record(error)
        }
    }
}
