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
    /// As declared, or as recognised.
    var format: CheckpointFormat
    /// The step that stands inside, where it can be read.
    var step: Int?

    enum Failure: Error {
        case changed
        /// It stands still, and is no checkpoint.
        case flawed(FormatFlaw)
        case unavailable(String)
        case failed(String)
    }

    /// Looks into the candidate, then reads every file once.
    ///
    /// With `copies` each one is copied there first, since the trainer truncates the original when
    /// it saves again (a hard link would be truncated too). What is copied is what was looked into:
    /// a file that is another one by then is `.changed`.
    static func take(
        of candidate: Candidate, as format: CheckpointFormat?, in work: any CheckpointFiles,
        copies: String?, parallel: Int
    ) async throws(Failure) -> Snapshot {
        if let copies {
            do {
                try work.remove(copies)
                try work.makeDirectory(copies)
            } catch {
                throw .failed("\(error)")
            }
        }
        let inspection = try inspect(candidate, as: format, in: work)
        let numbered = Array(candidate.files.sorted { $0.path < $1.path }.enumerated())
        let files = try await inParallel(numbered, limit: parallel) {
            numbered async throws(Failure) -> File in
            let copy = copies.map { "\($0)/\(numbered.offset)" }
            let sums = inspection.sums[candidate.inside(numbered.element.path)]
            return try await read(numbered.element, in: work, proving: sums, copyingTo: copy)
        }
        return Snapshot(files: files, format: inspection.format, step: inspection.step)
    }

    private static func inspect(
        _ candidate: Candidate, as format: CheckpointFormat?, in work: any CheckpointFiles
    ) throws(Failure) -> CheckpointInspection {
        var files: [CheckpointInspection.File] = []
        do throws(LocalFiles.Failure) {
            for facts in candidate.files {
                files.append(
                    CheckpointInspection.File(
                        path: candidate.inside(facts.path), bytes: try work.bytes(of: facts.path)))
            }
        } catch {
            throw error.isAbsence || error.isLoop ? .changed : .failed("\(error)")
        }
        do throws(FormatFlaw) {
            let found = try CheckpointInspection.inspect(
                files, at: candidate.path, as: format, step: candidate.step)
            for file in files where found.compressed.contains(file.path) {
                try FileInspection.prove(compressedIn: file.bytes)
            }
            return found
        } catch {
            if candidate.hasChanged(in: work) { throw .changed }
            throw error.question == .readable ? .failed(error.detail) : .flawed(error)
        }
    }

    private static func read(
        _ facts: FileFacts, in work: any CheckpointFiles, proving sums: RecordSums?,
        copyingTo copy: String?
    ) async throws(Failure) -> File {
        let proof: FileProof
        do throws(FileReading.Failure) {
            proof = try await work.read(facts, proving: sums, copyingTo: copy)
        } catch {
            switch error {
            case .changed: throw .changed
            case .cancelled: throw .unavailable("cancelled")
            case .local(let failure): throw .failed("\(failure)")
            }
        }
        if case .broken(let names) = proof.records, let name = names.first {
            let others = names.count > 1 ? " and \(names.count - 1) others" : ""
            throw .flawed(
                .damaged("\(facts.path): its record \(name)\(others) is not what was written"))
        }
        return File(path: facts.path, copy: copy, size: facts.size, sha256: proof.sha256)
    }

    /// Whether a committed checkpoint holds the same bytes at the same paths.
    func equals(_ manifest: CheckpointManifest) -> Bool {
        files.count == manifest.files.count
            && zip(files, manifest.files.sorted { $0.path < $1.path }).allSatisfy {
                $0.path == $1.path && $0.size == $1.size && $0.sha256 == $1.sha256
            }
    }
}
