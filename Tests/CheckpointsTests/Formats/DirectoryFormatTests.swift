import Checkpoints
import TestSupport
import Testing
import Training

struct DirectoryFormatTests {
    private let state: [UInt8]
    private let legacy: [UInt8]
    private let model: [UInt8]

    init() throws {
        state = try Sample.read("state.pt")
        legacy = try Sample.read("legacy.pt")
        model = try Sample.read("model.safetensors")
    }

    private func json(_ text: String) -> [UInt8] { Array(text.utf8) }

    /// Says what it is when it is whole, and each time one file is missing.
    private func check(
        _ files: [String: [UInt8]], at path: String, as format: CheckpointFormat? = nil,
        whole: String, without missing: [String: String]
    ) {
        #expect(verdict(files, at: path, as: format) == whole)
        for (name, expected) in missing {
            var fewer = files
            fewer[name] = nil
            #expect(verdict(fewer, at: path, as: format) == expected, "without \(name)")
        }
    }

    private var trainer: [String: [UInt8]] {
        [
            "model.safetensors": model, "optimizer.pt": state, "scheduler.pt": state,
            "rng_state.pth": state, "training_args.bin": legacy,
            // As Python writes a loss that is no number.
            "trainer_state.json": json(#"{"global_step": 158, "log_history": [{"loss": NaN}]}"#),
        ]
    }

    @Test("a directory of the Hugging Face Trainer → its step; any part missing → incomplete")
    func huggingFace() {
        check(
            trainer, at: "out/checkpoint-158",
            whole: "hf, step 158, proved, proved, proved",
            without: [
                "model.safetensors": "incomplete: it has no model.safetensors",
                "optimizer.pt":
                    "incomplete: it has no optimizer.pt: a resume would begin with a fresh one",
                "scheduler.pt":
                    "incomplete: it has no scheduler.pt: a resume would begin with a fresh one",
                "rng_state.pth": "incomplete: it has no rng_state",
                "trainer_state.json": "incomplete: it has no trainer_state.json",
            ])
        var marked = trainer
        marked["checkpoint-is-incomplete.txt"] = []
        #expect(
            verdict(marked)
                == "incomplete: its trainer says so in checkpoint-is-incomplete.txt")
        var torn = trainer
        torn["trainer_state.json"] = json(#"{"global_step": 158, "log_"#)
        #expect(verdict(torn) == "damaged: trainer_state.json: it is no JSON at byte 26")
        torn["trainer_state.json"] = trainer["trainer_state.json"]
        torn["optimizer.pt"] = Array(state.dropLast())
        #expect(
            verdict(torn)
                == "incomplete: optimizer.pt: the zip directory at its end is missing")
    }

    @Test("its name says another step than its state → refused, since two saves are mixed")
    func wrongStep() {
        #expect(
            verdict(trainer, step: 100)
                == "another step: it holds step 158, and its name says 100")
        #expect(verdict(trainer, step: 158).hasPrefix("hf, step 158"))
    }

    @Test("a sharded model → every shard there, their tensors adding up")
    func shards() {
        var files = trainer
        files["model.safetensors"] = nil
        files["model-1.safetensors"] = model
        files["model-2.safetensors"] = model
        func index(_ total: Int) -> [UInt8] {
            json(
                """
                {"metadata": {"total_size": \(total)}, "weight_map":
                 {"a": "model-1.safetensors", "b": "model-2.safetensors"}}
                """)
        }
        files["model.safetensors.index.json"] = index(408)
        check(
            files, at: "checkpoint-158", whole: "hf, step 158, proved, proved, proved",
            without: [
                "model-2.safetensors": "incomplete: its shard model-2.safetensors is missing"
            ])
        files["model.safetensors.index.json"] = index(400)
        #expect(
            verdict(files)
                == "damaged: its shards hold 408 bytes of tensors, "
                + "model.safetensors.index.json says 400")
    }

    @Test("a directory of Accelerate or kohya → whole; a part or a rank missing → incomplete")
    func accelerate() {
        check(
            [
                "model.safetensors": model, "optimizer.bin": state, "scheduler.bin": state,
                "random_states_0.pkl": legacy, "random_states_1.pkl": legacy,
                "random_states_2.pkl": legacy,
                "train_state.json": json(#"{"current_epoch": 1, "current_step": 100}"#),
            ], at: "out/film-step00000100-state", as: .accelerate,
            whole: "accelerate, step 100, proved, proved",
            without: [
                "model.safetensors": "incomplete: it has no model.safetensors",
                "optimizer.bin": "incomplete: it has no optimizer.bin",
                "random_states_1.pkl": "incomplete: random_states_1.pkl is missing",
            ])
    }

    @Test("a distributed checkpoint → whole; a shard cut short, no plan → incomplete")
    func distributed() {
        let shard = state + state
        let files = [".metadata": legacy, "__0_0.distcp": shard, "__1_0.distcp": shard]
        check(
            files, at: "step-40", whole: "dcp",
            without: [".metadata": "incomplete: it has no .metadata"])
        var torn = files
        torn["__1_0.distcp"] = Array(shard.dropLast(3))
        #expect(
            verdict(torn)
                == "incomplete: __1_0.distcp: the zip directory at its end is missing")
        #expect(
            verdict([".metadata": legacy], as: .dcp) == "incomplete: it has no .distcp file")
    }

    @Test("a directory of Orbax → whole; still being written, no time of commit → incomplete")
    func orbax() {
        let files = [
            "_CHECKPOINT_METADATA": json(#"{"commit_timestamp_nsecs": 1763780000000000000}"#),
            "default/_METADATA": json("{}"), "default/_sharding": json("{}"),
            "default/manifest.ocdbt": [1, 2, 3], "default/d/ab12": [4],
        ]
        check(
            files, at: "out/40", whole: "orbax",
            without: ["default/manifest.ocdbt": "incomplete: it has no manifest.ocdbt"])
        #expect(
            verdict(files, at: "out/40.orbax-checkpoint-tmp-3")
                == "incomplete: its name says that it is being written")
        var early = files
        early["_CHECKPOINT_METADATA"] = json(#"{"commit_timestamp_nsecs": null}"#)
        #expect(
            verdict(early)
                == "incomplete: its _CHECKPOINT_METADATA has no time of commit")
    }

    @Test("a directory of nothing known → each file by its own content")
    func unknown() {
        let files = ["weights.safetensors": model, "trainer_state.pt": state]
        #expect(verdict(files) == "files, proved")
        var torn = files
        torn["weights.safetensors"] = Array(model.dropLast())
        #expect(
            verdict(torn)
                == "incomplete: weights.safetensors: its tensors end at byte 372, the file at 371")
    }
}
