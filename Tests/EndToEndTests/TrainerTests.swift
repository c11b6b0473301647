import Processes
import Testing
import Training

/// Trainers and launchers as people have them.
@Suite("Trainers behave as they do", .timeLimit(.minutes(30)))
struct TrainerTests {
    @Test(
        "a launcher that dies first → the trainer behind it is stopped, saved and waited for",
        arguments: ["bash", "tee", "setsid", "detach"], GroundKind.allCases)
    func launchers(_ form: String, _ kind: GroundKind) async throws {
        try await Workshop.open(on: kind) { shop in
            try await shop.declare(TrainingManifest(launcher: form))
            try await shop.pass()
            try await shop.untilCommitted(1)
            let before = try shop.committed()
            let trainer = try #require(shop.trainers().first)
            try await shop.declare(
                TrainingManifest(launcher: form, lines: ["state: stopped"]))
            try await shop.pass()
            #expect(!trainer.identity.isAlive)
            let report = try #require(try shop.index()?.report(of: 1))
            #expect(report.released && report.outcome == .drained)
            // The last step that it printed is the one that is committed.
            let newest = try #require(try shop.index()?.checkpoints.last)
            let manifest = try #require(try shop.manifest("a", newest.id))
            let step = try #require(try shop.savedStep(manifest))
            if form != "detach" {
                #expect(try shop.log(attempt: 1).contains("stopped at step \(step)"))
            }
            try await shop.declare(TrainingManifest(launcher: form))
            try await shop.pass()
            try await shop.until("it trains again") { shop.trainers().count == 1 }
            try await shop.until("it starts where it was") {
                try shop.index()?.report(of: 2)?.startedFrom == newest.id
            }
            try await shop.expectSound(since: before, living: 1)
        }
    }

    @Test(
        "a checkpoint that is rewritten or a directory → committed whole, resumed from",
        arguments: [
            ("in-place", #"{path: checkpoints/latest.json, kind: in-place, every: 1s}"#),
            (
                "directory",
                "{path: \"checkpoints/step-*\", kind: directory, every: 1s, keep: 100, "
                    + "members: [model.json, optimizer.json], last: state.json}"
            ),
        ])
    func kinds(_ row: (String, String)) async throws {
        try await Workshop.open { shop in
            try await shop.declare(
                TrainingManifest(
                    every: 60, options: "--step-time 0.02 --write-time 0.05 --kind \(row.0)",
                    checkpoint: row.1))
            try await shop.pass()
            try await shop.untilCommitted(2)
            try shop.interrupt(notice: nil)
            try await shop.until("it is gone") { try shop.living().isEmpty }
            try await shop.pass()
            try await shop.until("attempt 2 trains") { shop.trainers().count == 1 }
            let starts = try await shop.expectContinuity()
            #expect(starts.count == 2 && starts[1] > 0)
            try await shop.expectSound(living: 1)
        }
    }

    @Test(
        "fails without progress → tried as often as allowed, then held with its last lines",
        arguments: GroundKind.allCases)
    func failure(_ kind: GroundKind) async throws {
        try await Workshop.open(on: kind) { shop in
            try await shop.declare(
                TrainingManifest(options: "--step-time 0.01 --fail-at 3"))
            // A pass ends as soon as the run trains; the failure comes after it.
            for attempt in 1...3 {
                try await shop.pass(wait: 45)
                try await shop.untilReleased(attempt: attempt)
            }
            try await shop.pass(wait: 45)
            let ledger = try #require(try shop.ledger())
            #expect(ledger.attempts.map(\.closure?.outcome) == [.failed, .failed, .failed])
            let report = try #require(try shop.index()?.reports.last)
            #expect(report.exit == ExitStatus(code: 7))
            #expect(report.lastLines.contains { $0.contains("failing at step 3") })
            let explained = try await shop.reconcile("explain", "a")
            #expect(explained.output.contains("Held"), "\(explained.output)")
            #expect(explained.output.contains("failing at step 3"))
            let pass = try await shop.reconcile("--once", "--fail-on-held")
            #expect(pass.code == 3)
            try await shop.expectSound(living: 0)

            // A person says go on.
            try await shop.reconcile("resume", "a")
            try await shop.pass(wait: 45)
            #expect(try #require(try shop.ledger()).attempts.count > 3)
        }
    }

    @Test(
        "fails after progress → goes on from the last checkpoint, the count starts again",
        arguments: GroundKind.allCases)
    func failureWithProgress(_ kind: GroundKind) async throws {
        try await Workshop.open(on: kind) { shop in
            try await shop.declare(
                TrainingManifest(steps: 90, options: "--step-time 0.02 --fail-at 83"))
            try await shop.pass()
            let first = try await shop.untilReleased(attempt: 1)
            #expect(first.outcome == .failed)
            try await shop.pass()
            let starts = try await shop.expectContinuity()
            #expect(starts.count >= 2 && starts[1] >= 80)
        }
    }

    @Test(
        "ignores SIGTERM → killed after its grace, goes on from what was committed",
        arguments: GroundKind.allCases)
    func ignoresTerm(_ kind: GroundKind) async throws {
        try await Workshop.open(on: kind) { shop in
            let manifest = TrainingManifest(
                options: "--step-time 0.02 --ignore-term",
                lines: ["stop: {grace: 2s, on_timeout: proceed}"])
            try await shop.declare(manifest)
            try await shop.pass()
            try await shop.untilCommitted(1)
            let before = try shop.committed()
            var stopped = manifest
            stopped.lines.append("state: stopped")
            try await shop.declare(stopped)
            try await shop.pass()
            #expect(shop.trainers().isEmpty)
            try await shop.declare(manifest)
            try await shop.pass()
            try await shop.until("it trains again") { shop.trainers().count == 1 }
            let starts = try await shop.expectContinuity()
            #expect(starts.count == 2 && starts[1] > 0)
            try await shop.expectSound(since: before, living: 1)
        }
    }

    @Test("the trainer of the quick start → loss falls over two machines, nothing starts afresh")
    func quickstart() async throws {
        try await Workshop.open { shop in
            try await shop.shell("cp -r '\(Workshop.package)/examples' .")
            let command = "python3 train.py --steps 300 --every 20 --step-time 0.05"
            try await shop.declare(
                TrainingManifest(lines: [
                    "workdir: examples/quickstart/trainer", "run: \(command)",
                    "resume: \(command) --resume {checkpoint}",
                ]))
            try await shop.pass()
            try await shop.untilCommitted(1)
            try shop.interrupt(notice: 12)
            try await shop.untilReleased(attempt: 1)
            try await shop.pass()
            let report = try await shop.untilReleased(attempt: 2)
            #expect(report.outcome == .completed)
            try await shop.until("its last line is in the store") {
                try shop.log(attempt: 2).contains("finished at step 300")
            }
            #expect(try shop.log(attempt: 2).contains("resumed at step"))
            try await shop.pass()
            try await shop.expectSound(living: 0)
        }
    }
}
