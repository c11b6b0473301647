import Glibc
package import Training

/// Puts a committed checkpoint back at its own paths, after every byte was verified.
///
/// Everything is downloaded to a staging folder first; only then old files give way. One restore at
/// a time.
package struct CheckpointRestorer: Sendable {
    let records: RecordStore
    private let directory: WorkingDirectory
    let staging: String
    let parallel: Int

    /// `directory` is the working directory, which exists; `staging`, absolute too, is outside of
    /// it on the same file system, and made here.
    package init(
        records: RecordStore, directory: String, staging: String, parallel: Int = 4
    ) {
        self.records = records
        self.directory = WorkingDirectory(directory)
        self.staging = staging
        self.parallel = parallel
    }

    @concurrent
    package func restore(
        _ id: CheckpointID, of run: RunName
    ) async throws(RestoreFailure) -> RestoredCheckpoint {
        let stored = try await StoredCheckpoint(id, of: run, in: records)
        let manifest = stored.manifest
        let fresh = staging + "/restore"
        let replaced = staging + "/replaced"
        try local { () throws(LocalFiles.Failure) in
            try LocalFiles.remove(fresh)
            try LocalFiles.remove(replaced)
            try LocalFiles.makeDirectory(fresh)
        }
        defer {
            try? LocalFiles.remove(fresh)
            try? LocalFiles.remove(replaced)
        }
        let folders = Set(manifest.files.map { CheckpointRestorer.folder(of: $0.path) })
        try local { () throws(LocalFiles.Failure) in
            for folder in folders { try LocalFiles.makeDirectories(folder, below: fresh) }
        }
        try await stored.download(parallel: parallel) { _, file in fresh + "/" + file.path }
        try local { () throws(LocalFiles.Failure) in
            try put(manifest.path, from: fresh, replaced: replaced)
        }
        return RestoredCheckpoint(
            id: id, path: directory.absolute(manifest.path), step: manifest.step,
            size: manifest.size)
    }

    /// Moves the file or directory into place; what stood there goes out of the way first, and
    /// comes back when the move fails.
    private func put(
        _ path: String, from fresh: String, replaced: String
    ) throws(LocalFiles.Failure) {
        let source = fresh + "/" + path
        let old = try directory.status(path)
        // A file replaces a file in one step; a directory never replaces one that is not empty.
        let new = try LocalFiles.status(source)
        let isSwap = old == nil || old?.kind == .file && new?.kind == .file
        if isSwap { return try directory.take(source, as: path) }
        try directory.yield(path, to: replaced)
        do throws(LocalFiles.Failure) {
            try directory.take(source, as: path)
        } catch {
            try directory.take(replaced, as: path)
            throw error
        }
    }

    private static func folder(of path: String) -> String {
        path.split(separator: "/").dropLast().joined(separator: "/")
    }

    private func local(
        _ body: () throws(LocalFiles.Failure) -> Void
    ) throws(RestoreFailure) {
        do {
            try body()
        } catch {
            throw .failed("\(error)")
        }
    }
}
