import Processes
import TestSupport
import Testing
import Training

@Suite("A machine is lost", .timeLimit(.minutes(30)))
struct LossTests {
    @Test(
        "interrupted with a notice → saved in time, resumed on another machine, no step lost",
        arguments: GroundKind.allCases)
    func notice(_ kind: GroundKind) async throws {
        try await Workshop.open(on: kind) { shop in
            try await shop.declare(TrainingManifest(lines: ["resources: {use_spot: true}"]))
            try await shop.pass()
            try await shop.untilCommitted(2)
            let before = try shop.committed()

            try shop.interrupt(notice: 12)
            let report = try await shop.untilReleased(attempt: 1)
            #expect(report.outcome == .interrupted)
            try await shop.pass()
            try await shop.until("a trainer of attempt 2") { shop.trainers().count == 1 }
            let starts = try await shop.expectContinuity()
            // The trainer saves when it is asked to stop: not one step is lost.
            let last = try #require(Self.lastStep(in: shop.log(attempt: 1)))
            #expect(starts == [0, last])
            // The interrupted machine stays until its time is over.
            try await shop.until("the first machine goes") { try shop.living().count == 1 }
            try await shop.expectSound(since: before, living: 1)
        }
    }

    @Test(
        "taken away without a notice → resumed from the newest committed checkpoint",
        arguments: GroundKind.allCases)
    func sudden(_ kind: GroundKind) async throws {
        try await Workshop.open(on: kind) { shop in
            try await shop.declare(
                TrainingManifest(steps: 700, lines: ["resources: {use_spot: true}"]))
            try await shop.pass()
            try await shop.untilCommitted(2)
            try await shop.until("its log is there") {
                try Workshop.startStep(in: shop.log(attempt: 1)) != nil
            }
            try shop.interrupt(notice: nil)
            try await shop.until("it is gone") { try shop.living().isEmpty }
            if kind == .cloud {
                // EC2 says so a moment before the power is gone.
                try await shop.until("its power is gone") { shop.trainers().isEmpty }
            }
            #expect(shop.trainers().isEmpty)
            let before = try shop.committed()
            let newest = try #require(try shop.index()?.checkpoints.last?.id)

            try await shop.pass()
            try await shop.untilReleased(attempt: 2)
            #expect(try shop.index()?.report(of: 2)?.startedFrom == newest)
            let starts = try await shop.expectContinuity()
            #expect(starts.count == 2 && starts[1] > 0)
            #expect(try shop.ledger()?.attempts.first?.closure?.outcome == .interrupted)

            // Equal histories: the trainer chains a digest over all its steps.
            try await shop.pass()
            #expect(try shop.log(attempt: 2).contains("finished at step 700"))
            try await shop.expectSound(since: before, living: 0)
        }
    }

    @Test("the agent is killed → no trainer is left behind, and the run resumes")
    func agentKilled() async throws {
        try await Workshop.open { shop in
            try await shop.declare(
                TrainingManifest(options: "--step-time 0.02 --workers 2 --session"))
            try await shop.pass()
            try await shop.untilCommitted(1)
            let agent = try #require(
                ProcessTable.processes(of: shop.state).first { $0.arguments.contains("run") })
            #expect(agent.identity.signal(9))
            try await shop.until("nothing of it is left") {
                ProcessTable.processes(of: shop.state).isEmpty
            }
            try await shop.pass()
            try await shop.until("attempt 2 trains") { shop.trainers().count == 1 }
            try await shop.expectContinuity()
            try await shop.expectSound(living: 1)
        }
    }

    @Test(
        "the newest checkpoint rots → the one before it is used, and it says why",
        arguments: GroundKind.allCases)
    func rot(_ kind: GroundKind) async throws {
        try await Workshop.open(on: kind) { shop in
            try await shop.declare(TrainingManifest(lines: ["resources: {use_spot: true}"]))
            try await shop.pass()
            try await shop.untilCommitted(3)
            try shop.interrupt(notice: nil)
            try await shop.until("it is gone") { try shop.living().isEmpty }
            let ids = try #require(try shop.index()?.checkpoints.map(\.id))
            let newest = try #require(try shop.manifest("a", ids[ids.count - 1]))
            try shop.flipByte(of: newest.files[0].key)

            try await shop.pass()
            try await shop.until("attempt 2 trains") { shop.trainers().count == 1 }
            try await shop.untilTraining(attempt: 2)
            #expect(try shop.index()?.report(of: 2)?.startedFrom == ids[ids.count - 2])
            let rotten = try #require(
                try shop.index()?.checkpoints.first { $0.id == newest.id })
            #expect(rotten.quarantines.count == 1)
            let explained = try await shop.reconcile("explain", "a")
            #expect(explained.output.contains("\(newest.id)"), "\(explained.output)")
            let listed = try await shop.reconcile("checkpoints", "a")
            #expect(listed.output.contains("quarantine"), "\(listed.output)")
            try await shop.expectContinuity()
            try await shop.expectSound(living: 1)
        }
    }

    @Test("nothing but the store is left → a new control node goes on from it")
    func rebuilt() async throws {
        try await Workshop.open { shop in
            try await shop.declare(TrainingManifest())
            try await shop.pass()
            try await shop.untilCommitted(2)
            // The home holds every cache; machines end with `reset`.
            try await shop.reconcile("local", "reset")
            try await shop.shell("rm -rf '\(shop.folder("home"))'")
            let before = try shop.committed()
            let newest = try #require(try shop.index()?.checkpoints.last?.id)
            // A machine that nobody lists counts as gone only after five minutes, as on EC2.
            let waiting = try await shop.pass(wait: 1, expecting: 4)
            #expect(waiting.output.contains("the provider does not list the machine"))
            #expect(try shop.machines().isEmpty)
            #expect(try shop.index()?.checkpoints.last?.id == newest)
            try await shop.expectSound(since: before, living: 0)
        }
    }

    @Test(
        "nothing but EC2 and S3 is left → a new control node finds the machine, and heals the run")
    func rebuiltOnCloud() async throws {
        try await Workshop.open(on: .cloud) { shop in
            try await shop.declare(TrainingManifest(lines: ["resources: {use_spot: true}"]))
            try await shop.pass()
            try await shop.untilCommitted(2)
            try await shop.shell("rm -rf '\(shop.folder("home"))'")
            let trainer = shop.trainers().map(\.identity)
            let found = try await shop.pass()
            #expect(found.output.contains("No changes."), "\(found.all)")
            #expect(shop.trainers().map(\.identity) == trainer)

            try shop.interrupt(notice: nil)
            try await shop.until("it is gone") {
                try shop.living().isEmpty && shop.trainers().isEmpty
            }
            let before = try shop.committed()
            let newest = try #require(try shop.index()?.checkpoints.last?.id)
            try await shop.shell("rm -rf '\(shop.folder("home"))'")
            try await shop.pass()
            try await shop.untilTraining(attempt: 2)
            #expect(try shop.index()?.report(of: 2)?.startedFrom == newest)
            try await shop.expectContinuity()
            try await shop.expectSound(since: before, living: 1)
        }
    }

    private static func lastStep(in log: String) -> Int? {
        log.split(separator: "\n").last { $0.hasPrefix("stopped at step ") }
            .flatMap { $0.split(separator: " ").last }.flatMap { Int($0) }
    }
}
