package import Training

/// What a control plane writes for the agents of one run.
extension MemoryObjectStore {
    /// Writes spec and ledger for a new attempt on the machine `i-<number>`, in the place of one of
    /// the same number; those that are still open are closed.
    @discardableResult
    package func give(
        attempt number: Int, _ spec: RunSpec, start: StartPoint, intent: Intent?,
        source: SourceArchive? = nil, at now: Timestamp
    ) throws -> Attempt {
        let bytes = CanonicalJSON.encode(spec)
        let reference = StoredReference(
            key: StoreLayout.spec(spec.name, Digest(of: bytes)), sha256: Digest(of: bytes))
        plant(reference.key, bytes)
        var attempt = Attempt(
            number: number, generation: spec.generation, digest: SpecDigest(of: spec),
            spec: reference, revision: Revision(ref: "main", commit: "0"), source: source,
            start: start, reason: "test", createdAt: now)
        attempt.launches = [
            Launch(
                ordinal: 1, request: nil, instance: InstanceID("i-\(number)"), createdAt: now)
        ]
        attempt.intent = intent
        try changeLedger(of: spec.name) { ledger in
            ledger.attempts.removeAll { $0.number == number }
            for place in ledger.attempts.indices where ledger.attempts[place].closure == nil {
                ledger.attempts[place].closure = Closure(
                    evidence: .terminated, outcome: .lost, at: now, progressed: true,
                    detail: "test")
            }
            ledger.attempts.append(attempt)
        }
        return attempt
    }

    /// Writes the next version of a run's ledger; of an empty one where there is none.
    package func changeLedger(of run: RunName, _ body: (inout Ledger) -> Void) throws {
        let key = StoreLayout.ledger(run)
        var ledger =
            try bytes(key).map { try CanonicalJSON.decode(Ledger.self, from: $0) }
            ?? Ledger(run: run, writer: "test")
        ledger.serial += 1
        body(&ledger)
        plant(key, CanonicalJSON.encode(ledger))
    }
}
