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

    /// Digests a file, and copies it to the absolute path `copy` when that is given; `.changed`
    /// unless it stands as `facts` say before and after.
    func digest(
        _ facts: FileFacts, copyingTo copy: String?
    ) async throws(FileReading.Failure) -> Digest

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
    package func digest(
        _ facts: FileFacts, copyingTo copy: String?
    ) async throws(FileReading.Failure) -> Digest {
        try await FileReading.digest(facts, in: self, copyingTo: copy)
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
