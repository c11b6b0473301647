package import Training

/// A checkpoint whose files stand in the working directory, every digest verified.
package struct RestoredCheckpoint: Hashable, Sendable {
    package var id: CheckpointID
    /// Absolute: what `{checkpoint}` stands for.
    package var path: String
    package var step: Int?
    /// Bytes of all files.
    package var size: Int

    package init(id: CheckpointID, path: String, step: Int?, size: Int) {
        self.id = id
        self.path = path
        self.step = step
        self.size = size
    }
}

/// Why a checkpoint was not restored.
///
/// The working directory is as it was, but for `.failed`.
package enum RestoreFailure: Error, Hashable, Sendable {
    /// What the store holds is not what was committed: it will never verify. Ask `ResumeChooser`.
    case invalid(String)
    /// It could not be read now, which says nothing about it: try again later.
    case unavailable(String)
    /// A person must look: access denied, disk full, something else stands where it belongs.
    case failed(String)
}

extension RestoreFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .invalid(let detail), .unavailable(let detail), .failed(let detail): detail
        }
    }
}
