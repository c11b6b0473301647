import Training

/// The files of a candidate as they are committed: each with its digest and where to read it.
struct Snapshot: Sendable {
    struct File: Hashable, Sendable {
        /// Relative to the working directory.
        var path: String
        /// Absolute, for files that are rewritten in place; nil: the file itself is read.
        var copy: String?
        var size: Int
        var sha256: Digest
    }

    /// Sorted by path.
    var files: [File]

    enum Failure: Error {
        case changed
        case unavailable(String)
        case failed(String)
    }

    /// Reads every file once.
    ///
    /// With `copies` each one is copied there first, since the trainer truncates the original when
    /// it saves again (a hard link would be truncated too).
    static func take(
        of candidate: Candidate, in work: any CheckpointFiles, copies: String?, parallel: Int
    ) async throws(Failure) -> Snapshot {
        if let copies {
            do {
                try work.remove(copies)
                try work.makeDirectory(copies)
            } catch {
                throw .failed("\(error)")
            }
        }
        let numbered = Array(candidate.files.sorted { $0.path < $1.path }.enumerated())
        let files = try await inParallel(numbered, limit: parallel) {
            numbered async throws(Failure) -> File in
            let copy = copies.map { "\($0)/\(numbered.offset)" }
            return try await read(numbered.element, in: work, copyingTo: copy)
        }
        return Snapshot(files: files)
    }

    private static func read(
        _ facts: FileFacts, in work: any CheckpointFiles, copyingTo copy: String?
    ) async throws(Failure) -> File {
        do throws(FileReading.Failure) {
            let digest = try await work.digest(facts, copyingTo: copy)
            return File(path: facts.path, copy: copy, size: facts.size, sha256: digest)
        } catch {
            switch error {
            case .changed: throw .changed
            case .cancelled: throw .unavailable("cancelled")
            case .local(let failure): throw .failed("\(failure)")
            }
        }
    }

    /// Whether a committed checkpoint holds the same bytes at the same paths.
    func equals(_ manifest: CheckpointManifest) -> Bool {
        files.count == manifest.files.count
            && zip(files, manifest.files.sorted { $0.path < $1.path }).allSatisfy {
                $0.path == $1.path && $0.size == $1.size && $0.sha256 == $1.sha256
            }
    }
}
