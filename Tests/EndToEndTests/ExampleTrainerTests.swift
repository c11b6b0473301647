import Processes
import TestSupport
import Testing
import Training

/// The trainers of `examples`, as they stand there, lose their machine.
@Suite("Trainers that people have", .timeLimit(.minutes(30)))
struct ExampleTrainerTests {
    /// Debian's python3-torch stands beside this interpreter, whatever `python3` is.
    private static let python = "/usr/bin/python3"

    static let hasTorch: Bool = {
        let result = try? ToolProcess.run(
            [python, "-c", "import torch"], environment: ["PATH": "/usr/bin:/bin"])
        return result?.status == 0
    }()

    /// An example with a test's numbers in its commands.
    struct Example: Sendable, CustomTestStringConvertible {
        var name: String
        /// What its commands say, and what they say here.
        var command: (there: String, here: String)
        var format: CheckpointFormat
        /// Replayed: the file that stands for its trainer.
        var replay: String?

        var testDescription: String { name }

        func lay(in shop: Workshop) async throws {
            let folder = "examples/\(name)"
            try await shop.shell(
                "mkdir -p examples && cp -r '\(Workshop.package)/\(folder)' examples/")
            if let replay {
                try await shop.shell(
                    "cp '\(Workshop.package)/Tests/Trainers/replay.py' \(folder)/\(replay)")
            }
            let text = try #require(shop.folder.text("repository/\(folder)/\(name).yaml"))
            #expect(text.contains(command.there))
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
                .filter { replay == nil || !$0.hasPrefix("setup:") }
                .joined(separator: "\n")
                .replacing(command.there, with: command.here)
                .replacing(/every: [0-9]+m/, with: "every: 1s\n  keep: 100")
            try await shop.commit(["manifests/\(name).yaml": lines])
        }
    }

    /// A file that is rewritten in place must stand still between two looks, a second apart.
    private static let trained = [
        Example(
            name: "nanogpt",
            command: (
                "python3 train.py",
                "\(python) train.py --step_time 0.02 --max_iters 600 --eval_interval 150 "
                    + "--n_layer 1 --n_embd 32 --block_size 16"
            ), format: .torch),
        Example(
            name: "pytorch",
            command: (
                "python3 train.py", "\(python) train.py --step-time 0.02 --steps 400 --every 20"
            ),
            format: .torch),
    ]

    @Test(
        "PyTorch on a CPU, machine lost without a notice → the very loss of a run that kept it",
        .enabled(if: hasTorch, "needs python3-torch"), arguments: trained)
    func real(_ example: Example) async throws {
        try await Workshop.open { shop in
            try await example.lay(in: shop)
            try await Self.loseAndFinish(example, in: shop)
            let whole = try await shop.run(
                example.command.here.split(separator: " ").map(String.init)
                    + (example.name == "nanogpt" ? ["--out_dir", "whole"] : []),
                directory: "\(shop.repository)/examples/\(example.name)")
            let expected = try #require(whole.output.split(separator: "\n").last)
            #expect(try shop.log(example.name, attempt: 2).contains(expected))
        }
    }

    @Test(
        "asked to stop → PyTorch's own handler saves the very step at which it ends",
        .enabled(if: hasTorch, "needs python3-torch"))
    func saves() async throws {
        let example = Self.trained[1]
        try await Workshop.open { shop in
            try await example.lay(in: shop)
            try await shop.pass()
            try await shop.until("it trains") { shop.trainers(example.name).count == 1 }
            try await shop.until("it has saved once") {
                try shop.index(example.name)?.checkpoints.isEmpty == false
            }
            let text = try #require(shop.folder.text("repository/manifests/pytorch.yaml"))
            try await shop.commit(["manifests/pytorch.yaml": text + "state: stopped\n"])
            try await shop.pass()
            let newest = try #require(try shop.index(example.name)?.checkpoints.last)
            let last = try shop.log(example.name, attempt: 1).split(separator: "\n").last
            #expect(last?.hasPrefix("step \(newest.step ?? -1) loss") == true)
        }
    }

    private static let replays = [
        Example(
            name: "huggingface",
            command: ("python3 train.py", "python3 train.py huggingface --steps 400"), format: .hf,
            replay: "train.py"),
        Example(
            name: "lightning",
            command: ("python3 train.py", "python3 train.py lightning --steps 400"), format: .torch,
            replay: "train.py"),
        Example(
            name: "kohya",
            command: (
                "accelerate launch /opt/sd-scripts/flux_train_network.py --config_file film.toml\n"
                    + "  --output_dir out --output_name film --save_state --save_every_n_steps 100",
                "python3 train.py kohya --steps 400"
            ), format: .accelerate, replay: "train.py"),
    ]

    @Test(
        "replays of other trainers, machine lost without a notice → on from what they had saved",
        arguments: replays)
    func replayed(_ example: Example) async throws {
        try await Workshop.open { shop in
            try await example.lay(in: shop)
            try await Self.loseAndFinish(example, in: shop)
            #expect(try shop.log(example.name, attempt: 2).contains("finished at step 400"))
        }
    }

    @Test("a trainer that heeds no signal is asked to stop → explain says what carries it")
    func heedsNoSignal() async throws {
        let example = Self.replays[0]
        try await Workshop.open { shop in
            try await example.lay(in: shop)
            try await shop.pass()
            try await shop.until("something is committed") {
                try shop.index(example.name)?.checkpoints.isEmpty == false
            }
            let machine = try #require(try shop.living(example.name).first)
            try shop.ground.interrupt(machine, notice: 10)
            try await shop.untilReleased(example.name, attempt: 1)
            let explained = try await shop.reconcile("explain", example.name)
            #expect(
                explained.output.contains("ended at SIGTERM without saving"), "\(explained.all)")
        }
    }

    /// Trains until something is committed, loses the machine, goes on from the newest one, and
    /// finishes.
    private static func loseAndFinish(_ example: Example, in shop: Workshop) async throws {
        let run = example.name
        try await shop.pass()
        try await shop.until("something is committed") {
            try shop.index(run)?.checkpoints.isEmpty == false
        }
        let machine = try #require(try shop.living(run).first)
        try shop.ground.interrupt(machine, notice: nil)
        try await shop.until("it is gone") { try shop.living(run).isEmpty }
        let newest = try #require(try shop.index(run)?.checkpoints.last)
        #expect(try shop.manifest(run, newest.id)?.format == example.format)
        #expect((newest.step ?? 1) > 0)

        try await shop.pass()
        let report = try await shop.untilReleased(run, attempt: 2)
        #expect(report.startedFrom == newest.id)
        #expect(report.outcome == .completed, "\(report)")
        #expect(try shop.log(run, attempt: 2).contains("resuming from"))
        try await shop.pass()
        try await shop.expectSound(run, living: 0)
    }
}
