import Glibc
package import Training

/// What the transfer of checkpoints asks of a machine's files: a real disk's, or a simulated one's.
///
/// Paths are relative to the working directory unless they are said to be absolute; no symbolic
/// link is followed.
package protocol CheckpointFiles: Sendable {
    /// Where a path is on this machine.
    func absolute(_ path: String) -> String

    /// Nil when there is nothing at the path.
    func status(_ path: String) throws(LocalFiles.Failure) -> LocalFiles.Status?

    /// Opens a file to look into it as it stands now.
    func bytes(of path: String) throws(LocalFiles.Failure) -> any FileBytes

    /// The same for a file of Holdfast's own, at an absolute path.
    func bytes(staged absolute: String) throws(LocalFiles.Failure) -> any FileBytes

    /// Reads a file once: digests it, proves `sums`, and copies it to the absolute path `copy` when
    /// that is given; `.changed` unless it stands as `facts` say before and after.
    func read(
        _ facts: FileFacts, proving sums: RecordSums?, copyingTo copy: String?
    ) async throws(FileReading.Failure) -> FileProof

    /// Gives `body` an absolute path that leads to the file as it stands now, whatever the trainer
    /// renames meanwhile; `.local` when there is none.
    func withFile(
        _ path: String, _ body: (String) async throws(StoreFailure) -> Void
    ) async throws(StoreFailure)

    /// Moves what is at an absolute path to its place; folders above it are made, a file that
    /// stands there is replaced in one step.
    func take(_ source: String, as path: String) throws(LocalFiles.Failure)

    /// Moves what is there to an absolute path outside.
    func yield(_ path: String, to target: String) throws(LocalFiles.Failure)

    /// Makes the directory at an absolute path and every missing one above it.
    func makeDirectory(_ absolute: String) throws(LocalFiles.Failure)

    /// Removes the file or the whole directory at an absolute path; success when there is none.
    func remove(_ absolute: String) throws(LocalFiles.Failure)
}

extension WorkingDirectory: CheckpointFiles {
    package func bytes(of path: String) throws(LocalFiles.Failure) -> any FileBytes {
        try FileOnDisk(owning: try open(path), absolute(path))
    }

    package func bytes(staged absolute: String) throws(LocalFiles.Failure) -> any FileBytes {
        let file = Glibc.open(absolute, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else { throw LocalFiles.Failure(absolute) }
        return try FileOnDisk(owning: file, absolute)
    }

    package func read(
        _ facts: FileFacts, proving sums: RecordSums?, copyingTo copy: String?
    ) async throws(FileReading.Failure) -> FileProof {
        try await FileReading.read(facts, in: self, proving: sums, copyingTo: copy)
    }

    package func withFile(
        _ path: String, _ body: (String) async throws(StoreFailure) -> Void
    ) async throws(StoreFailure) {
        let opened: Int32
        do throws(LocalFiles.Failure) {
            opened = try open(path)
        } catch {
            throw .local("\(error)")
        }
        defer { close(opened) }
        // A store opens by path, more than once: this one leads to the open file.
        try await body("/proc/self/fd/\(opened)")
    }

    package func makeDirectory(_ absolute: String) throws(LocalFiles.Failure) {
        try LocalFiles.makeDirectory(absolute)
    }

    package func remove(_ absolute: String) throws(LocalFiles.Failure) {
        try LocalFiles.remove(absolute)
    }
}
