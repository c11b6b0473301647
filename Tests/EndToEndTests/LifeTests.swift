import Glibc
import Processes
import Testing
import Training

@Suite("A run's life", .timeLimit(.minutes(30)))
struct LifeTests {
    @Test(
        "a manifest is committed → one machine trains it, and the next pass is empty",
        arguments: GroundKind.allCases)
    func launch(_ kind: GroundKind) async throws {
        try await Workshop.open(on: kind) { shop in
            let revision = try await shop.declare(TrainingManifest())
            try await shop.pass()
            try await shop.untilCommitted(2)

            let ledger = try #require(try shop.ledger())
            #expect(ledger.attempts.map(\.revision.commit) == [revision])
            #expect(shop.trainers().count == 1)
            let tags = try #require(try shop.living().first).tags
            #expect(tags[Tag.run] == "a" && tags[Tag.attempt] == "1" && tags[Tag.scope] == "test")

            let writes = try shop.ledger()?.serial
            let again = try await shop.reconcile("--once", "--detailed-exitcode")
            #expect(again.code == 0, "\(again.all)")
            #expect(again.output.contains("No changes."))
            #expect(try shop.ledger()?.serial == writes)
            try await shop.expectSound(living: 1)
        }
    }

    @Test(
        "a run finishes → completed by its evidence, the machine is gone, nothing starts again",
        arguments: GroundKind.allCases)
    func completion(_ kind: GroundKind) async throws {
        try await Workshop.open(on: kind) { shop in
            try await shop.declare(TrainingManifest(steps: 60))
            try await shop.pass()
            let report = try await shop.untilReleased(attempt: 1)
            #expect(report.outcome == .completed && report.exit == ExitStatus(code: 0))
            try await shop.pass()
            try await shop.pass()
            let closures = try shop.ledger()?.attempts.map(\.closure?.outcome)
            #expect(closures == [.completed])
            let newest = try #require(try shop.index()?.checkpoints.last)
            let manifest = try #require(try shop.manifest("a", newest.id))
            #expect(try shop.savedStep(manifest) == 60)
            try await shop.expectSound(living: 0)
        }
    }

    @Test(
        "state: stopped, then running → saved, stopped, and on from the same step",
        arguments: GroundKind.allCases)
    func stopAndStart(_ kind: GroundKind) async throws {
        try await Workshop.open(on: kind) { shop in
            try await shop.declare(TrainingManifest())
            try await shop.pass()
            try await shop.untilCommitted(2)
            let before = try shop.committed()

            try await shop.declare(TrainingManifest(lines: ["state: stopped"]))
            try await shop.pass()
            #expect(shop.trainers().isEmpty)
            #expect(try shop.machines().map(\.status?.state) == [.stopped])
            let stopped = try #require(try shop.index()?.report(of: 1))
            #expect(stopped.outcome == .drained && stopped.released)

            try await shop.declare(TrainingManifest())
            try await shop.pass()
            try await shop.untilCommitted(try #require(try shop.index()?.checkpoints.count) + 2)
            #expect(try shop.machines().map(\.status?.boot) == [2])
            let starts = try await shop.expectContinuity()
            #expect(starts.count == 2 && starts[1] > 0)
            try await shop.expectSound(since: before, living: 1)
        }
    }

    @Test(
        "a spot run is stopped → its machine cannot stop, so it ends, and the run resumes",
        arguments: GroundKind.allCases)
    func stopSpot(_ kind: GroundKind) async throws {
        try await Workshop.open(on: kind) { shop in
            let spot = "resources: {use_spot: true}"
            try await shop.declare(TrainingManifest(lines: [spot]))
            try await shop.pass()
            try await shop.untilCommitted(1)
            try await shop.declare(TrainingManifest(lines: [spot, "state: stopped"]))
            try await shop.pass()
            #expect(try shop.living().isEmpty && shop.trainers().isEmpty)
            try await shop.declare(TrainingManifest(lines: [spot]))
            try await shop.pass()
            try await shop.until("a second trainer") { shop.trainers().count == 1 }
            try await shop.untilCommitted(try #require(try shop.index()?.checkpoints.count) + 1)
            #expect(try await shop.expectContinuity().count == 2)
            try await shop.expectSound(living: 1)
        }
    }

    @Test(
        "the manifest is removed → saved, then the machine is gone; its records stay",
        arguments: GroundKind.allCases)
    func removal(_ kind: GroundKind) async throws {
        try await Workshop.open(on: kind) { shop in
            try await shop.declare(TrainingManifest())
            try await shop.declare(TrainingManifest(name: "b"))
            try await shop.pass()
            try await shop.untilCommitted(1)
            try await shop.untilCommitted(1, "b")
            let before = try shop.committed()

            try await shop.commit(["manifests/a.yaml": nil])
            try await shop.pass()
            try await shop.pass()
            #expect(shop.trainers().isEmpty)
            #expect(try shop.index()?.report(of: 1)?.outcome == .drained)
            try await shop.expectSound(since: before, living: 0)
            try await shop.expectSound("b", living: 1)
            #expect(shop.trainers("b").count == 1)

            // The name comes back, as reverting a commit does: it goes on.
            try await shop.declare(TrainingManifest())
            try await shop.pass()
            try await shop.untilCommitted(before.count / 2 + 2)
            let starts = try await shop.expectContinuity()
            #expect(starts.count == 2 && starts[1] > 0)
        }
    }

    @Test(
        "suspended → nothing is done about a lost machine until the pause is over",
        arguments: GroundKind.allCases)
    func suspend(_ kind: GroundKind) async throws {
        try await Workshop.open(on: kind) { shop in
            try await shop.declare(TrainingManifest(lines: ["resources: {use_spot: true}"]))
            try await shop.pass()
            try await shop.untilCommitted(1)
            try await shop.declare(
                TrainingManifest(lines: [
                    "resources: {use_spot: true}", "suspend: {reason: data fix}",
                ]))
            try await shop.pass()
            #expect(shop.trainers().count == 1)
            try shop.interrupt(notice: nil)
            try await shop.until("the machine is gone") { try shop.living().isEmpty }
            let suspended = try await shop.pass()
            #expect(suspended.output.contains("data fix"))
            #expect(try shop.machines().count == 1)
            try await shop.declare(TrainingManifest(lines: ["resources: {use_spot: true}"]))
            try await shop.pass()
            try await shop.until("it trains again") { shop.trainers().count == 1 }
            try await shop.expectSound(living: 1)
        }
    }

    @Test(
        "max_duration → saved and ended by the agent itself, then held",
        arguments: GroundKind.allCases)
    func timeLimit(_ kind: GroundKind) async throws {
        try await Workshop.open(on: kind) { shop in
            try await shop.declare(TrainingManifest(lines: ["max_duration: 3s"]))
            try await shop.pass()
            let report = try await shop.untilReleased(attempt: 1)
            #expect(report.outcome == .expired)
            try await shop.until("the machine is gone") { try shop.living().isEmpty }
            try await shop.pass()
            let explained = try await shop.reconcile("explain", "a")
            #expect(explained.output.contains("Held") && explained.output.contains("max_duration"))
            #expect(shop.trainers().isEmpty)
            try await shop.expectSound(living: 0)
        }
    }

    @Test(
        "completed → the machine does as on_completion says",
        arguments: [
            ("terminate", Instance.State.terminated), ("stop", .stopped), ("keep", .running),
        ], GroundKind.allCases)
    func onCompletion(_ row: (String, Instance.State), _ kind: GroundKind) async throws {
        try await Workshop.open(on: kind) { shop in
            try await shop.declare(
                TrainingManifest(steps: 20, lines: ["on_completion: \(row.0)"]))
            try await shop.pass()
            try await shop.untilReleased(attempt: 1)
            try await shop.until("\(row.1)") {
                try shop.machines().map(\.status?.state) == [row.1]
            }
            try await shop.pass()
            #expect(try shop.machines().map(\.status?.state) == [row.1])
            #expect(shop.trainers().isEmpty)
        }
    }
}
