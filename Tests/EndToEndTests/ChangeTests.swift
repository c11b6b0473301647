import Processes
import Testing
import Training

@Suite("A manifest changes", .timeLimit(.minutes(30)))
struct ChangeTests {
    @Test(
        "a changed command → drained, and on with the new one from the same step",
        arguments: GroundKind.allCases)
    func relaunch(_ kind: GroundKind) async throws {
        try await Workshop.open(on: kind) { shop in
            try await shop.declare(TrainingManifest())
            try await shop.pass()
            try await shop.untilCommitted(1)
            let before = try shop.committed()
            let changed = TrainingManifest(options: "--step-time 0.03")
            try await shop.declare(changed)
            let plan = try await shop.reconcile("plan")
            #expect(plan.output.contains("the manifest changed"), "\(plan.output)")
            try await shop.pass()
            try await shop.until("attempt 2 trains") {
                shop.trainers().first?.arguments.contains("0.03") == true
            }
            #expect(try shop.index()?.report(of: 1)?.outcome == .drained)
            let starts = try await shop.expectContinuity()
            #expect(starts.count == 2 && starts[1] > 0)
            try await shop.expectSound(since: before, living: 1)
        }
    }

    @Test(
        "a live-tunable field → taken up by the same attempt, the trainer never notices",
        arguments: GroundKind.allCases)
    func reconfigure(_ kind: GroundKind) async throws {
        try await Workshop.open(on: kind) { shop in
            try await shop.declare(TrainingManifest())
            try await shop.pass()
            try await shop.untilCommitted(1)
            let trainer = shop.trainers().map(\.identity)
            let slow = #"{path: "checkpoints/step-*.json", every: 1h, keep: 100}"#
            try await shop.declare(TrainingManifest(checkpoint: slow))
            try await shop.pass()
            let intent = try #require(try shop.ledger()?.attempts.last?.intent)
            #expect(intent.verb == .reconfigure)
            try await shop.until("the agent takes it up") {
                try shop.index()?.report(of: 1)?.acknowledged == intent.id
            }
            // What was under way then may still be committed; at the old pace it never rests.
            var counts = [0, try shop.index()?.checkpoints.count]
            while counts.suffix(2).first != counts.last, counts.count < 12 {
                try await Task.sleep(for: .seconds(3))
                counts.append(try shop.index()?.checkpoints.count)
            }
            #expect(counts.suffix(2).first == counts.last, "\(counts)")
            #expect(shop.trainers().map(\.identity) == trainer)
            try await shop.expectSound(living: 1)
        }
    }

    @Test("only the code changed → the next attempt takes it", arguments: GroundKind.allCases)
    func code(_ kind: GroundKind) async throws {
        try await Workshop.open(on: kind) { shop in
            try await shop.declare(TrainingManifest(lines: ["resources: {use_spot: true}"]))
            try await shop.pass()
            try await shop.untilCommitted(1)
            let trainer = shop.trainers().map(\.identity)
            try await shop.commit(["trainer/notes.txt": "new\n"])
            try await shop.pass()
            #expect(shop.trainers().map(\.identity) == trainer)

            try shop.interrupt(notice: nil)
            try await shop.until("it is gone") { try shop.living().isEmpty }
            try await shop.pass()
            try await shop.until("attempt 2 trains") { shop.trainers().count == 1 }
            let work = try #require(try shop.living().first)
            let notes = shop.ground.disk(of: work) + "/work/notes.txt"
            #expect(try FileSystem.status(notes) != nil)
            let trees = try shop.ledger()?.attempts.map(\.source?.tree)
            #expect(trees.map { Set($0).count } == 2)
        }
    }

    @Test(
        "a raised generation → starts afresh; the older checkpoints stay and are not used",
        arguments: GroundKind.allCases)
    func generation(_ kind: GroundKind) async throws {
        try await Workshop.open(on: kind) { shop in
            try await shop.declare(TrainingManifest())
            try await shop.pass()
            try await shop.untilCommitted(2)
            let before = try shop.committed()
            try await shop.declare(TrainingManifest(lines: ["generation: 2"]))
            try await shop.pass()
            try await shop.until("attempt 2 trains") { shop.trainers().count == 1 }
            try await shop.untilTraining(attempt: 2)
            #expect(try shop.index()?.report(of: 2)?.startedFrom == nil)
            #expect(try await shop.expectContinuity() == [0, 0])
            try await shop.until("a checkpoint of generation 2") {
                try shop.index()?.checkpoints.last?.generation == 2
            }
            try await shop.expectSound(since: before, living: 1)
        }
    }

    @Test(
        "a protected machine → never stopped or ended, whatever is declared",
        arguments: GroundKind.allCases)
    func protection(_ kind: GroundKind) async throws {
        try await Workshop.open(on: kind) { shop in
            try await shop.declare(TrainingManifest())
            try await shop.declare(TrainingManifest(name: "b"))
            try await shop.pass()
            try await shop.untilCommitted(1)
            let machine = try #require(try shop.living().first)
            try shop.setTag(Tag.protect, "true", of: machine)
            try await shop.commit(["manifests/a.yaml": nil])
            let pass = try await shop.pass()
            #expect(pass.all.contains("protect"), "\(pass.all)")
            #expect(shop.trainers().count == 1)
            try await shop.declare(TrainingManifest(lines: ["state: terminated"]))
            try await shop.pass()
            #expect(shop.trainers().count == 1)
            try await shop.expectSound(living: 1)
        }
    }

    @Test(
        "the same command again after a resume → the very same arguments",
        arguments: GroundKind.allCases)
    func sameArguments(_ kind: GroundKind) async throws {
        try await Workshop.open(on: kind) { shop in
            try await shop.declare(
                TrainingManifest(
                    options: "--step-time 0.02 --out 'check points'", resume: nil,
                    checkpoint: #"{path: "check points/step-*.json", every: 1s, keep: 100}"#,
                    lines: ["resources: {use_spot: true}"]))
            try await shop.pass()
            try await shop.untilCommitted(1)
            let first = shop.trainers().map(\.arguments)
            try shop.interrupt(notice: nil)
            try await shop.until("it is gone") { try shop.living().isEmpty }
            try await shop.pass()
            try await shop.until("attempt 2 trains") { shop.trainers().count == 1 }
            #expect(shop.trainers().map(\.arguments) == first)
            try await shop.untilTraining(attempt: 2)
            // Without `resume` the files are back at their own paths.
            let machine = try #require(try shop.living().first)
            let parent = try #require(try shop.index()?.report(of: 2)?.startedFrom)
            let manifest = try #require(try shop.manifest("a", parent))
            let work = shop.ground.disk(of: machine) + "/work"
            #expect(try FileSystem.status("\(work)/\(manifest.path)") != nil)
        }
    }
}
