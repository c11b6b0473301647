/// What the files of a checkpoint are, so that it can be looked into before it is trusted.
///
/// Nothing is ever loaded or unpickled: a format is known by its structure.
package enum CheckpointFormat: String, Sendable, Codable, CaseIterable {
    /// What the content says; a file that says nothing is held to its size and SHA-256 alone.
    case auto
    /// The zip archive of `torch.save`, or its older plain pickle.
    case torch
    case safetensors
    /// NumPy's `.npz` or `.npy`.
    case npz
    /// A `checkpoint-N` directory of the Hugging Face Trainer.
    case hf
    /// A directory of Accelerate's `save_state`, which kohya's `--save_state` writes too.
    case accelerate
    /// A directory of `torch.distributed.checkpoint`.
    case dcp
    /// A directory of Orbax (JAX).
    case orbax
    /// Plain files: size and SHA-256, nothing inside.
    case files

    /// Whether it is a directory that tells by itself when it is complete.
    package var isDirectory: Bool {
        switch self {
        case .hf, .accelerate, .dcp, .orbax: true
        case .auto, .torch, .safetensors, .npz, .files: false
        }
    }
}
