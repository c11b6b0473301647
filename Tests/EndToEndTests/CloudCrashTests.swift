import Glibc
import Processes
import TestSupport
import Testing
import Training

/// SIGKILL at the calls of a launch, a checkpoint and a drain as the double sees them, before and
/// after their effect; then a healthy pass, and the world must be sound.
///
/// What a machine runs is started again by its unit.
@Suite("A process is killed at a call to AWS", .timeLimit(.minutes(30)))
struct CloudCrashTests {
    @Test("reconcile is killed at a call of a launch → the next pass makes it one machine")
    func launch() async throws {
        let send = CallPoint.Call(operation: "RunInstances")
        // The request is frozen, sent, and its answer recorded.
        let chosen: [CallPoint.Call] = [.put("ledgers/a.json"), send, .put("ledgers/a.json", 2)]
        try await sweep(on: .dormant, at: chosen) { shop, double, point in
            try await shop.declare(TrainingManifest())
            let status = try await shop.reconcile("--once", killedAt: point)
            let kill = try double.disarm()
            guard let point else {
                #expect(status == .exited(0))
                return kill.calls
            }
            #expect(status == .signalled(SIGKILL) && kill.hasStruck, "\(point)")
            if point.call == send {
                #expect(try double.machines().count == (point.isAfter ? 1 : 0))
            }
            let next = try await shop.reconcile("--once")
            #expect(next.code == 0, "\(point): \(next.all)")
            #expect(try double.machines().count == 1, "\(point)")
            #expect(try shop.ledger()?.attempts.map(\.launches.count) == [1], "\(point)")
            try await shop.expectSound(living: 1)
            return kill.calls
        }
    }

    @Test("the agent is killed at a call of a checkpoint → it goes on, nothing committed is lost")
    func checkpoint() async throws {
        let commit = CallPoint.Call.put("runs/a/checkpoints/*/MANIFEST.json")
        // What makes files a checkpoint, and its entry.
        let chosen: [CallPoint.Call] = [commit, .put("index/a.json")]
        try await sweep(at: chosen) { shop, double, point in
            try await shop.declare(TrainingManifest())
            try await shop.pass()
            try await shop.untilCommitted(1)
            let before = try shop.committed()
            try shop.armAgent(at: point, since: commit)
            guard let point else {
                try await shop.untilCommitted(before.count / 2 + 3)
                let calls = try double.disarm().calls
                // From one checkpoint to the next.
                let end = try #require(
                    calls.firstIndex { $0.hasSuffix("/MANIFEST.json") && $0.hasPrefix("Put") })
                return Array(calls[...end])
            }
            try await shop.until("it is killed \(point)") { try double.kills()[0].hasStruck }
            let kill = try double.disarm()
            try await shop.untilCommitted(before.count / 2 + 5)
            try await shop.until("it trains") { shop.trainers().count == 1 }
            try await shop.expectSound(since: before, living: 1)
            return kill.calls
        }
    }

    /// Saved once at the start, and then only when it drains.
    private static let quiet = TrainingManifest(
        checkpoint: #"{path: "checkpoints/step-*.json", every: 1h, keep: 100}"#)

    private static let stopped: TrainingManifest = {
        var stopped = quiet
        stopped.lines.append("state: stopped")
        return stopped
    }()

    @Test("the agent is killed at a call of a drain → drained all the same, it resumes from there")
    func drainAgent() async throws {
        // The acknowledgement, the checkpoint, and its entry.
        let chosen: [CallPoint.Call] = [
            .put("index/a.json"), .put("runs/a/checkpoints/*/MANIFEST.json"),
            .put("index/a.json", 2),
        ]
        try await sweep(at: chosen) { shop, double, point in
            try await shop.declare(Self.quiet)
            try await shop.pass()
            try await shop.untilCommitted(1)
            let before = try shop.committed()
            // It reads the ledger only when that has changed: the intent.
            var ledger = CallPoint.Call.put("ledgers/a.json")
            ledger.operation = "GetObject"
            try shop.armAgent(at: point, since: ledger)
            try await shop.declare(Self.stopped)
            try await shop.pass()
            let kill = try double.disarm()
            guard let point else { return kill.calls }
            #expect(kill.hasStruck, "\(point)")
            try await goOn(shop, since: before)
            return kill.calls
        }
    }

    @Test("reconcile is killed at a call of a drain → drained once, it resumes from there")
    func drainReconcile() async throws {
        let chosen: [CallPoint.Call] = [
            .put("ledgers/a.json"), .put("ledgers/a.json", 2),
            .init(operation: "StopInstances", resource: "*"),
        ]
        try await sweep(at: chosen, isPolling: true) { shop, double, point in
            try await shop.declare(Self.quiet)
            try await shop.pass()
            try await shop.untilCommitted(1)
            let before = try shop.committed()
            try await shop.declare(Self.stopped)
            let status = try await shop.reconcile("--once", "--wait", "60s", killedAt: point)
            let kill = try double.disarm()
            guard let point else {
                #expect(status == .exited(0))
                return kill.calls
            }
            #expect(status == .signalled(SIGKILL) && kill.hasStruck, "\(point)")
            try await shop.pass()
            try await goOn(shop, since: before)
            return kill.calls
        }
    }

    // MARK: Parts

    /// What was drained is stopped, its last step is saved, and it goes on from there.
    private func goOn(_ shop: Workshop, since before: [String: Digest]) async throws {
        #expect(shop.trainers().isEmpty)
        #expect(try shop.machines().map(\.status?.state) == [.stopped])
        #expect(try shop.index()?.report(of: 1)?.outcome == .drained)
        let saved = try #require(try shop.index()?.checkpoints.last?.id)
        try await shop.expectSound(since: before, living: 0)
        try await shop.declare(Self.quiet)
        try await shop.pass()
        try await shop.until("it trains again") { shop.trainers().count == 1 }
        try await shop.untilTraining(attempt: 2)
        // Or from what a killed agent had left on its disk: that is committed first.
        let start = try #require(try shop.index()?.report(of: 2)?.startedFrom)
        #expect(start >= saved)
        try await shop.expectContinuity()
        try await shop.expectSound(since: before, living: 1)
    }

    /// Counts the calls once in a world without a kill, then kills at each point in one of its own.
    private func sweep(
        on kind: GroundKind = .cloud, at chosen: [CallPoint.Call], isPolling: Bool = false,
        _ row:
            @escaping @Sendable (Workshop, AWSDoubleProcess, CallPoint?) async throws -> [String]
    ) async throws {
        let open = { @Sendable (point: CallPoint?) async throws -> [String] in
            try await Workshop.open(on: kind) { shop in
                try await row(shop, try #require((shop.ground as? CloudGround)?.double), point)
            }
        }
        let counted = try await open(nil)
        let points = try CallPoint.points(of: chosen, in: counted, isPolling: isPolling)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for point in points {
                group.addTask {
                    do {
                        _ = try await open(point)
                    } catch {
                        Issue.record("\(point): \(error)")
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
