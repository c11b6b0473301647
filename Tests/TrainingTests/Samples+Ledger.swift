import Training

extension Samples {
    static var ledger: Ledger {
        var ledger = Ledger(run: run, writer: "host:40:1d")
        ledger.serial = 9
        ledger.attempts = [closedAttempt, openAttempt]
        ledger.retired = [id(1, 1)]
        ledger.consumedResumeFrom = .init(
            generation: 1, reference: CheckpointReference(checkpoint: id(1, 2)))
        ledger.operatorResume = .init(at: noon, afterAttempt: 1, from: id(1, 3))
        ledger.trained = 3_600
        return ledger
    }

    private static var closedAttempt: Attempt {
        var launch = Launch(
            ordinal: 1, request: request(ordinal: 1), instance: InstanceID("i-0"),
            createdAt: noon)
        launch.wasUnanswered = true
        launch.missingSince = noon + 30
        launch.isClosed = true
        return attempt(1, StartPoint(.fresh), [launch]) { attempt in
            attempt.closure = Closure(
                evidence: .terminated, outcome: .interrupted, at: noon + 600, progressed: true,
                detail: "taken away with a notice")
        }
    }

    private static var openAttempt: Attempt {
        var refused = Launch(ordinal: 1, request: request(ordinal: 1), createdAt: noon)
        refused.refusal = .init(kind: .capacity, detail: "no capacity", at: noon)
        refused.isClosed = true
        let open = Launch(ordinal: 2, request: nil, instance: InstanceID("i-1"), createdAt: noon)
        let start = StartPoint(.named, checkpoint: CheckpointReference(checkpoint: id(1, 4)))
        return attempt(2, start, [refused, open]) { attempt in
            attempt.intent = Intent(
                id: "intent-1", verb: .drainThenStop, deadline: noon + 120, spec: spec,
                reason: "the manifest says stopped")
        }
    }

    private static var spec: StoredReference {
        StoredReference(key: StoreLayout.spec(run, bytes), sha256: bytes)
    }

    private static func attempt(
        _ number: Int, _ start: StartPoint, _ launches: [Launch],
        _ change: (inout Attempt) -> Void
    ) -> Attempt {
        let tree = "89abcdef0123456789abcdef0123456789abcdef"
        var attempt = Attempt(
            number: number, generation: 1, digest: digest, spec: spec, revision: revision,
            source: SourceArchive(
                tree: tree, key: StoreLayout.source(tree: tree, sha256: bytes), sha256: bytes,
                size: 512),
            start: start, reason: "interrupted: resume", createdAt: noon, launches: launches)
        change(&attempt)
        return attempt
    }

    private static func request(ordinal: Int) -> LaunchRequest {
        LaunchRequest(
            clientToken: ClientToken.derive(
                scope: "research", store: store, run: run, attempt: 2, ordinal: ordinal, node: 0,
                request: bytes),
            region: "local", market: .spot, shutdownBehavior: .terminate,
            tags: [Tag.scope: "research", Tag.run: run.text], userData: "{}")
    }
}
