package import Training

/// Which local checkpoint goes to the store next: the newest one, and no more often than declared.
package struct UploadQueue: Hashable, Sendable {
    /// The newest that was committed or restored.
    package var newest: CheckpointID?
    package var newestStep: Int?
    /// Committed by this life of the agent.
    package private(set) var committed = 0
    /// What was refused, by name and with its reason, for the report.
    package private(set) var refusals: [String] = []
    /// What is wrong with the last one that was looked into; nil once a whole one has come.
    package private(set) var flaw: String?
    /// The longest upload so far, in milliseconds: what a drain leaves time for.
    package private(set) var longest = 0
    package private(set) var inFlight: LocalCheckpoint?

    /// The oldest first.
    private(set) var known: [String] = []
    private var isKnown: Set<String> = []
    private var pending: [LocalCheckpoint] = []
    /// What was no checkpoint already before the trainer started.
    private var past: Set<String> = []
    private var startedAt: Timestamp?
    private var backoff = Backoff()

    package init() {}

    /// Nothing is left to upload and no upload is under way.
    package var isIdle: Bool { inFlight == nil && pending.isEmpty }

    /// Tries in a row that had no definite answer.
    package var failures: Int { backoff.failures }

    /// What is not uploaded, by name.
    package var unsaved: [String] { pending.map(\.path) }

    /// Takes up what an earlier life on this disk had committed.
    package mutating func recall(_ fingerprints: [String]) {
        for fingerprint in fingerprints { know(fingerprint) }
    }

    /// What stands on the disk belongs to the past: none of it is uploaded.
    package mutating func disregard(_ found: LocalScan) {
        for checkpoint in found.complete { know(checkpoint.fingerprint) }
        past = Set(found.refused)
        pending = []
    }

    /// `found` is what stands on the disk now.
    package mutating func found(_ found: LocalScan) {
        pending = found.complete.filter { !isKnown.contains($0.fingerprint) }
        for refusal in found.refused where !refusals.contains(refusal) && !past.contains(refusal) {
            refuse(refusal)
        }
    }

    /// The next one to upload, if its time has come; it then counts as started.
    ///
    /// Nil for `every` means at once.
    package mutating func start(every: Seconds?, at now: Timestamp) -> LocalCheckpoint? {
        guard let next = pending.last, let due = due(every: every), due <= now else { return nil }
        inFlight = next
        startedAt = now
        return next
    }

    /// When `start` may have one; nil when only an event can change that.
    package func due(every: Seconds?) -> Timestamp? {
        guard inFlight == nil, !pending.isEmpty else { return nil }
        var due = Timestamp(milliseconds: 0)
        if let every, let startedAt { due = startedAt + every }
        if let retryAt = backoff.retryAt { due = max(backoff.failures == 0 ? due : retryAt, due) }
        return due
    }

    package mutating func ended(
        _ checkpoint: LocalCheckpoint, _ result: CommitResult, at now: Timestamp
    ) {
        inFlight = nil
        switch result {
        case .committed(let entry):
            if let startedAt {
                longest = max(longest, Int(now.milliseconds - startedAt.milliseconds))
            }
            committed += 1
            flaw = nil
            newest = entry.id
            newestStep = entry.step
            backoff.succeeded()
            pass(checkpoint)
        case .duplicate:
            flaw = nil
            backoff.succeeded()
            pass(checkpoint)
        case .refused(let reason): refuse(checkpoint, reason)
        case .flawed(let reason):
            flaw = "\(checkpoint.path): \(reason)"
            refuse(checkpoint, reason)
        case .failed, .fenced:
            startedAt = nil
            backoff.failed(at: now)
        }
    }

    /// `checkpoint` is safe; those before it are older than what is safe now.
    private mutating func pass(_ checkpoint: LocalCheckpoint) {
        if let place = pending.lastIndex(of: checkpoint) {
            for older in pending[...place] { know(older.fingerprint) }
            pending.removeSubrange(...place)
        }
        know(checkpoint.fingerprint)
    }

    private mutating func refuse(_ checkpoint: LocalCheckpoint, _ reason: String) {
        backoff.succeeded()
        startedAt = nil
        refuse("\(checkpoint.path): \(reason)")
        know(checkpoint.fingerprint)
        pending.removeAll { $0 == checkpoint }
    }

    private mutating func refuse(_ refusal: String) {
        refusals.append(refusal)
        refusals = refusals.suffix(20)
    }

    private mutating func know(_ fingerprint: String) {
        guard isKnown.insert(fingerprint).inserted else { return }
        known.append(fingerprint)
        if known.count > AgentMemory.knownLimit { isKnown.remove(known.removeFirst()) }
    }
}
