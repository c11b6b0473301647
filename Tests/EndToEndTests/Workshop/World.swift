import Processes
import TestSupport
import Testing
import Training

/// What really is: the files of the store and of the machines, not what `reconcile` says of them.
extension Workshop {
    struct Machine: Hashable, Sendable {
        struct Status: Hashable, Decodable {
            var state: Instance.State
            var reason: String
            var boot: Int
        }

        var id: String
        var token: String
        var tags: [String: String]
        /// nil: never booted.
        var status: Status?

        var run: String? { tags[Tag.run] }
        var isLiving: Bool { status.map { !$0.state.hasEnded } ?? true }
    }

    /// Every machine that was ever launched here.
    func machines(of run: String? = nil) throws -> [Machine] {
        try ground.machines().filter { run == nil || $0.run == run }
    }

    func living(_ run: String = "a") throws -> [Machine] {
        try machines(of: run).filter(\.isLiving)
    }

    func ledger(_ run: String = "a") throws -> Ledger? {
        try read(Ledger.self, "ledgers/\(run).json")
    }

    func index(_ run: String = "a") throws -> RunIndex? {
        try read(RunIndex.self, "index/\(run).json")
    }

    func scope() throws -> ScopeRecord? {
        try read(ScopeRecord.self, "scope.json")
    }

    func manifest(_ run: String, _ id: CheckpointID) throws -> CheckpointManifest? {
        try read(
            CheckpointManifest.self, "runs/\(run)/checkpoints/\(id)/MANIFEST.json")
    }

    /// All that a run's attempt printed, as far as it was shipped.
    func log(_ run: String = "a", attempt: Int, stream: String = "run") throws -> String {
        let folder = "runs/\(run)/logs/\(attempt)-0/"
        return try ground.keys(below: folder).filter { $0.hasPrefix(folder + stream) }.map { key in
            String(decoding: try ground.object(key) ?? [], as: UTF8.self)
        }.joined()
    }

    func trainers(_ run: String = "a") -> [ProcessTable.Entry] {
        ProcessTable.trainers(of: ground.mark).filter { $0.run == run }
    }

    /// The digest of every committed file: what may never change again.
    func committed(_ run: String = "a") throws -> [String: Digest] {
        var result: [String: Digest] = [:]
        for checkpoint in try index(run)?.checkpoints ?? [] {
            let manifest = try #require(try manifest(run, checkpoint.id))
            let keys =
                manifest.files.map(\.key)
                + ["runs/\(run)/checkpoints/\(checkpoint.id)/MANIFEST.json"]
            for key in keys {
                let bytes = try #require(try ground.object(key), "\(key) is gone")
                result[key] = Digest(of: bytes)
            }
        }
        return result
    }

    private func read<Value: Decodable>(_ type: Value.Type, _ key: String) throws -> Value? {
        guard let bytes = try ground.object(key) else { return nil }
        return try CanonicalJSON.decode(type, from: bytes)
    }

    /// Looks until the condition holds; fails the test after `span`.
    func until(
        _ what: String, within span: Duration = .seconds(60),
        location: Testing.SourceLocation = #_sourceLocation, _ condition: () throws -> Bool
    ) async throws {
        let span = span * ground.slowness
        let deadline = ContinuousClock.now + span
        while ContinuousClock.now < deadline {
            if try condition() { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        try #require(try condition(), "not within \(span): \(what)", sourceLocation: location)
    }

    /// Waits until so many checkpoints are committed.
    func untilCommitted(
        _ count: Int, _ run: String = "a", location: Testing.SourceLocation = #_sourceLocation
    ) async throws {
        try await until("\(count) checkpoints of \(run)", location: location) {
            try index(run)?.checkpoints.count ?? 0 >= count
        }
    }

    /// Waits until an attempt has said that it trains, which comes after its trainer's start.
    func untilTraining(
        _ run: String = "a", attempt: Int, location: Testing.SourceLocation = #_sourceLocation
    ) async throws {
        try await until("the report of attempt \(attempt)", location: location) {
            try index(run)?.report(of: attempt)?.phase == .training
        }
    }

    /// Waits until the run's newest attempt has said its last word; gives it.
    @discardableResult
    func untilReleased(
        _ run: String = "a", attempt: Int, location: Testing.SourceLocation = #_sourceLocation
    ) async throws -> AttemptReport {
        try await until("the end of attempt \(attempt)", location: location) {
            try index(run)?.report(of: attempt)?.released == true
        }
        return try #require(try index(run)?.report(of: attempt), sourceLocation: location)
    }

    /// Takes the run's living machine away, as the provider does; nil: without a notice.
    func interrupt(_ run: String = "a", notice: Int?) throws {
        try ground.interrupt(try #require(try living(run).first), notice: notice)
    }

    /// Everything that helps to understand a failure.
    func tell() async -> String {
        var story = await transcript.text
        story += ((try? await run(["bash", "-c", Self.telling], directory: told))?.output ?? "")
        return story
    }

    private var told: String { folder.exists("state") ? state : folder.path }

    private static let telling = """
        for f in store/scope.json store/ledgers/* store/index/* machines/*/status.json \
            machines/*/log/* store/runs/*/logs/*/* machines/*/console machines/*/var/log/*; do \
            echo "--- $f"; tail -c 6000 "$f"; echo; done 2>/dev/null
        """
}
