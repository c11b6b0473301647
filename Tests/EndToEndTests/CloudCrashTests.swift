import Glibc
import Processes
import TestSupport
import Testing
import Training

/// The agent of a machine on EC2 is killed at its calls to S3; its unit starts it again.
@Suite("The agent is killed at a call", .timeLimit(.minutes(30)))
struct CloudCrashTests {
    /// More calls than a checkpoint or a drain has: the last ones kill nothing.
    private static let calls = 12

    /// At each point in a world of its own: a machine that trains and has committed.
    private func sweep(
        _ body: @escaping @Sendable (Workshop, AWSDoubleProcess, CrashPoint) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for point in CrashPoint.points(upTo: Self.calls) {
                group.addTask {
                    do {
                        try await Workshop.open(on: .cloud) { shop in
                            let double = try #require((shop.ground as? CloudGround)?.double)
                            try await shop.declare(TrainingManifest())
                            try await shop.pass()
                            try await shop.untilCommitted(1)
                            try await body(shop, double, point)
                        }
                    } catch {
                        Issue.record("\(point): \(error)")
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func kill(_ shop: Workshop, _ double: AWSDoubleProcess, at point: CrashPoint) throws {
        let agent = try #require(
            ProcessTable.processes(of: shop.ground.mark).first {
                $0.arguments.first?.hasSuffix("reconcile-agent") == true
                    && $0.arguments.contains("run")
            })
        try double.control(
            "POST", "kills",
            "{\"pid\":\(agent.identity.pid),\"when\":\"\(point.isAfter ? "after" : "before")\","
                + "\"nth\":\(point.call),\"service\":\"s3\"}")
    }

    @Test("while it trains → it goes on, and nothing that was committed is lost")
    func training() async throws {
        try await sweep { shop, double, point in
            let before = try shop.committed()
            try kill(shop, double, at: point)
            try await shop.untilCommitted(before.count / 2 + 5)
            try double.control("DELETE", "kills")
            try await shop.until("it trains") { shop.trainers().count == 1 }
            try await shop.expectSound(since: before, living: 1)
        }
    }

    @Test("while it drains → drained all the same, and it resumes from there")
    func draining() async throws {
        try await sweep { shop, double, point in
            let before = try shop.committed()
            try await shop.declare(TrainingManifest(lines: ["state: stopped"]))
            try await shop.reconcile("--once")
            try kill(shop, double, at: point)
            try await shop.pass(wait: 60)
            try double.control("DELETE", "kills")
            #expect(shop.trainers().isEmpty)
            try await shop.declare(TrainingManifest())
            try await shop.pass()
            try await shop.until("it trains again") { shop.trainers().count == 1 }
            try await shop.expectContinuity()
            try await shop.expectSound(since: before, living: 1)
        }
    }
}
