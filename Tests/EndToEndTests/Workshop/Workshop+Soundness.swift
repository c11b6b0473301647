import Processes
import TestSupport
import Testing
import Training

/// The promises that hold at the end of every test, checked on the world.
extension Workshop {
    /// Checks one run; `count` is how many machines of it live now.
    ///
    /// `before` are the committed files of an earlier moment: none may be lost or changed.
    func expectSound(
        _ run: String = "a", since before: [String: Digest] = [:], living count: Int,
        location: Testing.SourceLocation = #_sourceLocation
    ) async throws {
        let ledger = try #require(try ledger(run), sourceLocation: location)
        #expect(
            ledger.attempts.map(\.number) == Array(1...max(1, ledger.attempts.count)),
            sourceLocation: location)
        #expect(
            ledger.attempts.dropLast().allSatisfy { $0.closure != nil }, "an older one is open",
            sourceLocation: location)

        let machines = try machines(of: run)
        let tokens = ledger.attempts.flatMap(\.launches).compactMap(\.request?.clientToken)
        #expect(Set(tokens).count == tokens.count, "a token twice", sourceLocation: location)
        #expect(
            Set(machines.map(\.token)).count == machines.count, "a token has two machines",
            sourceLocation: location)
        #expect(
            machines.allSatisfy { tokens.contains($0.token) }, "a machine without an intent",
            sourceLocation: location)
        #expect(
            machines.count(where: \.isLiving) == count, "\(machines)", sourceLocation: location)
        #expect(
            watch.violations.isEmpty, "two trainers at once", sourceLocation: location)

        let now = try committed(run)
        for (key, digest) in before where now[key] != digest {
            Issue.record("\(key) was lost or overwritten", sourceLocation: location)
        }
        try expectSoundIndex(run, location)
    }

    private func expectSoundIndex(_ run: String, _ location: Testing.SourceLocation) throws {
        guard let index = try index(run) else { return }
        let ids = index.checkpoints.map(\.id)
        #expect(ids == ids.sorted() && Set(ids).count == ids.count, sourceLocation: location)
        for checkpoint in index.checkpoints {
            let manifest = try #require(
                try manifest(run, checkpoint.id), "\(checkpoint.id)", sourceLocation: location)
            #expect(manifest.id == checkpoint.id, sourceLocation: location)
            #expect(manifest.parent == checkpoint.parent, sourceLocation: location)
            for file in manifest.files where checkpoint.quarantines.isEmpty {
                let bytes = try ground.object(file.key) ?? []
                #expect(
                    Digest(of: bytes) == file.sha256, "\(file.key)", sourceLocation: location)
            }
        }
        let stages = index.reports.map(\.attempt)
        #expect(stages == stages.sorted(), sourceLocation: location)
    }

    /// Each attempt went on from where the checkpoint that it started from was.
    ///
    /// No step was lost that had been committed, none was invented. Gives the step at which each
    /// attempt started.
    @discardableResult
    func expectContinuity(
        _ run: String = "a", location: Testing.SourceLocation = #_sourceLocation
    ) async throws -> [Int] {
        // Logs are shipped a moment after they are written, and reports apart from them; an agent
        // that was killed ships none.
        try await until("log and report of the newest attempt", location: location) {
            guard let report = try self.index(run)?.reports.last,
                let start = Self.startStep(in: try log(run, attempt: report.attempt))
            else { return false }
            return start == 0 || report.startedFrom != nil
        }
        let index = try #require(try index(run), sourceLocation: location)
        return try index.reports.compactMap { report in
            let log = try log(run, attempt: report.attempt)
            guard let start = Self.startStep(in: log) else { return nil }
            guard let parent = report.startedFrom else {
                #expect(start == 0, "attempt \(report.attempt)", sourceLocation: location)
                return start
            }
            let manifest = try #require(
                try manifest(run, parent), sourceLocation: location)
            #expect(
                try savedStep(manifest) == start, "attempt \(report.attempt) from \(parent)",
                sourceLocation: location)
            return start
        }
    }

    /// The step in the trainer's own state, not in a file's name.
    func savedStep(_ manifest: CheckpointManifest) throws -> Int? {
        struct Saved: Decodable {
            var step: Int
        }
        guard let file = manifest.files.last,
            let bytes = try ground.object(file.key),
            let line = bytes.split(separator: UInt8(ascii: "\n")).first
        else { return nil }
        return try CanonicalJSON.decode(Saved.self, from: Array(line)).step
    }

    static func startStep(in log: String) -> Int? {
        log.split(separator: "\n").first { $0.hasPrefix("start at step ") }
            .flatMap { $0.split(separator: " ").dropFirst(3).first }.flatMap { Int($0) }
    }
}
