import Training

@testable import Checkpoints

extension FuzzTarget {
    /// The files of a checkpoint: archives, tensor headers, and the JSON beside them.
    static let checkpoints = FuzzTarget(
        "checkpoints", longest: 4096, samples: ["CheckpointsTests/Samples"]
    ) { bytes in
        for format in CheckpointFormat.allCases {
            try requireAnswer(["state.bin": bytes], as: format)
        }
        try requireAnswer(["state.safetensors": bytes], as: nil)
        try requireAnswer(["__0_0.distcp": bytes, ".metadata": bytes], as: .dcp)
        for name in ["trainer_state.json", "model.safetensors.index.json", "rng_state.pth"] {
            try requireAnswer(trainer(with: name, bytes), as: .hf)
        }
        try requireAnswer(
            ["_CHECKPOINT_METADATA": bytes, "_METADATA": bytes, "manifest.ocdbt": [1]],
            as: .orbax)
    }

    private static func trainer(with name: String, _ bytes: [UInt8]) -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [
            "trainer_state.json": Array(#"{"global_step": 4}"#.utf8), "optimizer.pt": [1],
            "scheduler.pt": [1], "rng_state.pth": [1],
        ]
        files[name] = bytes
        return files
    }

    /// Whatever the bytes are, the answer is one that people can read, and what is proved is
    /// proved of bytes that are there.
    private static func requireAnswer(
        _ files: [String: [UInt8]], as format: CheckpointFormat?
    ) throws {
        let opened = files.map { CheckpointInspection.File(path: $0, bytes: HeldBytes($1)) }
        let inspection: CheckpointInspection
        do throws(FormatFlaw) {
            inspection = try .inspect(opened, at: "ckpt", as: format, step: nil)
        } catch {
            return try requireClean("\(error)")
        }
        for (path, bytes) in files {
            let verdict = FileProof(of: bytes, proving: inspection.sums[path]).records
            if case .broken(let names) = verdict { try names.forEach(requireClean) }
            guard inspection.compressed.contains(path) else { continue }
            do throws(FormatFlaw) {
                try FileInspection.prove(compressedIn: HeldBytes(bytes))
            } catch {
                try requireClean("\(error)")
            }
        }
    }
}
