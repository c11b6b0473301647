package import Training

/// Puts a committed checkpoint back at its own paths, after every byte was verified.
///
/// Everything is downloaded to a staging folder first; only then old files give way. One restore at
/// a time.
package struct CheckpointRestorer: Sendable {
    let records: RecordStore
    private let files: any CheckpointFiles
    let staging: String
    let parallel: Int

    /// `files` are those of the working directory, which exists; `staging`, absolute, is outside of
    /// it on the same file system, and made here.
    package init(
        records: RecordStore, files: any CheckpointFiles, staging: String, parallel: Int = 4
    ) {
        self.records = records
        self.files = files
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
            try files.remove(fresh)
            try files.remove(replaced)
            try files.makeDirectory(fresh)
        }
        defer {
            try? files.remove(fresh)
            try? files.remove(replaced)
        }
        let folders = Set(manifest.files.map { CheckpointRestorer.folder(of: $0.path) })
        try local { () throws(LocalFiles.Failure) in
            for folder in folders { try files.makeDirectory(fresh + "/" + folder) }
        }
        try await stored.download(parallel: parallel) { _, file in fresh + "/" + file.path }
        try inspect(manifest, in: fresh)
        try local { () throws(LocalFiles.Failure) in
            try put(manifest, from: fresh, replaced: replaced)
        }
        return RestoredCheckpoint(
            id: id, path: files.absolute(manifest.path), step: manifest.step,
            size: manifest.size)
    }

    /// Looks into what was downloaded: an agent of an earlier version, or another run, may have
    /// committed it without.
    private func inspect(
        _ manifest: CheckpointManifest, in fresh: String
    ) throws(RestoreFailure) {
        let candidate = Candidate(path: manifest.path, files: [], step: manifest.step)
        var opened: [CheckpointInspection.File] = []
        try local { () throws(LocalFiles.Failure) in
            for file in manifest.files {
                opened.append(
                    CheckpointInspection.File(
                        path: candidate.inside(file.path),
                        bytes: try files.bytes(staged: fresh + "/" + file.path)))
            }
        }
        do throws(FormatFlaw) {
            _ = try CheckpointInspection.inspect(
                opened, at: manifest.path, as: manifest.format, step: manifest.step)
        } catch {
            throw error.question == .readable ? .failed(error.detail) : .invalid("\(error)")
        }
    }

    /// Moves the file or directory into place; what stood there goes out of the way first, and
    /// comes back when the move fails.
    private func put(
        _ manifest: CheckpointManifest, from fresh: String, replaced: String
    ) throws(LocalFiles.Failure) {
        let path = manifest.path
        let source = fresh + "/" + path
        let old = try files.status(path)
        // A file replaces a file in one step; a directory never replaces one that is not empty.
        let isFile = manifest.files.contains { $0.path == path }
        if old == nil || old?.kind == .file && isFile { return try files.take(source, as: path) }
        try files.yield(path, to: replaced)
        do throws(LocalFiles.Failure) {
            try files.take(source, as: path)
        } catch {
            try files.take(replaced, as: path)
            throw error
        }
    }

    private static func folder(of path: String) -> String {
        path.pathNames.dropLast().joined(separator: "/")
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
