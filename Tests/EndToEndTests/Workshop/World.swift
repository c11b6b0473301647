import Processes
import TestSupport
import Testing
import Training

/// What really is: the files of the store and of the machines, not what `reconcile` says of them.
extension Workshop {
    struct Machine: Hashable, Sendable {
        struct Launch: Hashable, Decodable {
            var clientToken: String
        }

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
        let folder = state + "/machines"
        return try (FileSystem.list(folder) ?? []).compactMap { id in
            let place = "\(folder)/\(id)"
            guard let launch = try read(Machine.Launch.self, "\(place)/launch.json") else {
                return nil
            }
            return Machine(
                id: id, token: launch.clientToken,
                tags: try read([String: String].self, "\(place)/metadata/tags.json") ?? [:],
                status: try read(Machine.Status.self, "\(place)/status.json"))
        }.filter { run == nil || $0.run == run }
    }

    func living(_ run: String = "a") throws -> [Machine] {
        try machines(of: run).filter(\.isLiving)
    }

    func ledger(_ run: String = "a") throws -> Ledger? {
        try read(Ledger.self, "\(store)/ledgers/\(run).json")
    }

    func index(_ run: String = "a") throws -> RunIndex? {
        try read(RunIndex.self, "\(store)/index/\(run).json")
    }

    func scope() throws -> ScopeRecord? {
        try read(ScopeRecord.self, "\(store)/scope.json")
    }

    func manifest(_ run: String, _ id: CheckpointID) throws -> CheckpointManifest? {
        try read(
            CheckpointManifest.self, "\(store)/runs/\(run)/checkpoints/\(id)/MANIFEST.json")
    }

    /// All that a run's attempt printed, as far as it was shipped.
    func log(_ run: String = "a", attempt: Int, stream: String = "run") throws -> String {
        let folder = "\(store)/runs/\(run)/logs/\(attempt)-0"
        return try (FileSystem.list(folder) ?? []).filter { $0.hasPrefix(stream) }.map { name in
            String(
                decoding: try FileSystem.read("\(folder)/\(name)", limit: 64 << 20) ?? [],
                as: UTF8.self)
        }.joined()
    }

    func trainers(_ run: String = "a") -> [ProcessTable.Entry] {
        ProcessTable.trainers(of: state).filter { $0.run == run }
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
                let bytes = try #require(
                    try FileSystem.read("\(store)/\(key)", limit: 64 << 20), "\(key) is gone")
                result[key] = Digest(of: bytes)
            }
        }
        return result
    }

    private func read<Value: Decodable>(_ type: Value.Type, _ path: String) throws -> Value? {
        guard let bytes = try FileSystem.read(path, limit: CanonicalJSON.maximumSize) else {
            return nil
        }
        return try CanonicalJSON.decode(type, from: bytes)
    }

    /// Looks until the condition holds; fails the test after `span`.
    func until(
        _ what: String, within span: Duration = .seconds(30),
        location: Testing.SourceLocation = #_sourceLocation, _ condition: () throws -> Bool
    ) async throws {
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

    /// Everything that helps to understand a failure.
    func tell() async -> String {
        var story = await transcript.text
        story += ((try? await run(["bash", "-c", Self.telling], directory: state))?.output ?? "")
        return story
    }

    private static let telling = """
        for f in store/scope.json store/ledgers/* store/index/* machines/*/status.json \
            machines/*/log/* store/runs/*/logs/*/*; do \
            echo "--- $f"; tail -c 6000 "$f"; echo; done 2>/dev/null
        """
}
