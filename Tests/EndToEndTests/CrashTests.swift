import Processes
import TestSupport
import Testing
import Training

/// SIGKILL at the calls of a launch, a checkpoint and a drain; then a healthy pass, and the world
/// must be sound.
@Suite("A process is killed at a call", .timeLimit(.minutes(30)))
struct CrashTests {
    private static let finishing = TrainingManifest(
        steps: 60, options: "--step-time 0.02",
        lines: ["retries: {limit: 20, backoff: 0s}"])
    private static let lasting = TrainingManifest()

    @Test("reconcile is killed at a call of a launch → one machine, one token, and it completes")
    func launch() async throws {
        try await sweep(Self.finishing) { shop, _, point in
            let killed = try await shop.reconcile(
                "--once", more: try await shop.killing(at: point, under: shop.state))
            if point == nil { return shop.countedCalls }
            #expect(killed.status == .signalled(9) || killed.code == 0, "\(killed.all)")
            try await shop.pass()
            #expect(try shop.machines().count == 1)
            try await Self.finish(shop)
            #expect(try shop.ledger()?.attempts.count == 1)
            #expect(try shop.ledger()?.attempts.first?.launches.count == 1)
            return 0
        }
    }

    @Test("the agent is killed at a call of its life → nothing committed is lost, it completes")
    func checkpoint() async throws {
        try await sweep(Self.finishing) { shop, _, point in
            let agent = try await shop.agentKilled(at: point)
            try await shop.reconcile("--once", "--agent", agent)
            try await shop.until("the first machine is gone") { try shop.living().isEmpty }
            if point == nil { return shop.countedCalls }
            let before = try shop.committed()
            try await shop.pass()
            try await Self.finish(shop, since: before)
            return 0
        }
    }

    @Test("reconcile is killed at a call of a drain → drained once, nothing is lost")
    func drainReconcile() async throws {
        try await sweep(Self.lasting) { shop, commits, point in
            try await shop.pass()
            try await shop.untilCommitted(1)
            try shop.move(to: commits.stopped)
            let killed = try await shop.reconcile(
                "--once", "--wait", "60s",
                more: try await shop.killing(at: point, under: shop.state))
            if point == nil { return shop.countedCalls }
            #expect(killed.status == .signalled(9) || killed.code == 0, "\(killed.all)")
            try await Self.stopAndFinish(shop, commits)
            return 0
        }
    }

    @Test("the agent is killed at a call of a drain → nothing committed is lost, it goes on")
    func drainAgent() async throws {
        try await sweep(Self.lasting) { shop, commits, point in
            let agent = try await shop.agentKilled(at: point, from: shop.folder("draining"))
            try await shop.pass("--agent", agent)
            try await shop.untilCommitted(1)
            shop.folder.write("draining", "")
            try shop.move(to: commits.stopped)
            try await shop.pass()
            if point == nil { return shop.countedCalls }
            try await Self.stopAndFinish(shop, commits)
            return 0
        }
    }

    @Test("two reconcilers start together → one attempt, one machine, each time")
    func race() async throws {
        let template = try await Self.template(Self.finishing)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try await Workshop.open(template: template.path) { shop in
                        async let one = shop.reconcile("--once", "--wait", "60s")
                        async let two = shop.reconcile("--once", "--wait", "60s")
                        let codes = try await [one.code, two.code]
                        #expect(codes == [0, 0])
                        #expect(try shop.machines().count == 1)
                        #expect(try shop.ledger()?.attempts.count == 1)
                        try await Self.finish(shop)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    // MARK: Parts

    /// The commits of a repository: running, stopped, and running to its end.
    struct Commits: Sendable {
        var stopped: String
        var finishing: String
    }

    private struct Template {
        /// Kept, since its files are removed with it.
        var folder: TemporaryDirectory
        var path: String
        var commits: Commits
    }

    private static func template(_ manifest: TrainingManifest) async throws -> Template {
        let folder = try TemporaryDirectory()
        let box = folder("repository")
        let commits = try await Workshop.open { shop in
            let first = try await shop.declare(manifest)
            var stopped = manifest
            stopped.lines.append("state: stopped")
            let second = try await shop.declare(stopped)
            var last = manifest
            last.steps = 1
            let third = try await shop.declare(last)
            try await shop.git("reset", "-q", "--hard", first)
            try await shop.shell("cp -r . '\(box)'")
            return Commits(stopped: second, finishing: third)
        }
        return Template(folder: folder, path: box, commits: commits)
    }

    /// Counts the calls once without a crash, then kills at each point in a world of its own.
    private func sweep(
        _ manifest: TrainingManifest,
        _ row: @escaping @Sendable (Workshop, Commits, CrashPoint?) async throws -> Int
    ) async throws {
        let template = try await Self.template(manifest)
        let commits = template.commits
        let count = try await Workshop.open(template: template.path) { shop in
            try await row(shop, commits, nil)
        }
        try #require(count > 10, "only \(count) calls were counted")
        let path = template.path
        try await withThrowingTaskGroup(of: Void.self) { group in
            for point in CrashPoint.points(upTo: count) {
                group.addTask {
                    do {
                        try await Workshop.open(template: path) { shop in
                            _ = try await row(shop, commits, point)
                        }
                    } catch {
                        Issue.record("\(point): \(error)")
                    }
                }
            }
            try await group.waitForAll()
        }
        withExtendedLifetime(template.folder) {}
    }

    /// Healthy passes until the run is completed; then the world is sound.
    private static func finish(_ shop: Workshop, since before: [String: Digest] = [:]) async throws
    {
        try await shop.until("it completes") {
            try shop.index()?.reports.last?.outcome == .completed
        }
        try await shop.until("its machine goes") { try shop.living().isEmpty }
        try await shop.pass()
        #expect(try shop.ledger()?.attempts.last?.closure?.outcome == .completed)
        try await shop.expectContinuity()
        try await shop.expectSound(since: before, living: 0)
    }

    /// A healthy pass carries the drain to its end, another one the run to its completion.
    private static func stopAndFinish(_ shop: Workshop, _ commits: Commits) async throws {
        try await shop.pass()
        #expect(shop.trainers().isEmpty)
        let before = try shop.committed()
        #expect(try shop.living().isEmpty)
        try shop.move(to: commits.finishing)
        try await shop.pass()
        try await finish(shop, since: before)
    }
}
