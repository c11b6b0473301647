import Training

/// Reading a committed checkpoint back: its manifest and its files, verified against each other.
struct StoredCheckpoint: Sendable {
    let manifest: CheckpointManifest
    private let store: any ObjectStore

    /// Reads and checks the manifest.
    init(
        _ id: CheckpointID, of run: RunName, in records: RecordStore
    ) async throws(RestoreFailure) {
        let key = StoreLayout.manifest(run, id)
        store = records.store
        let read: RecordRead<CheckpointManifest>
        do throws(RecordFailure) {
            read = try await records.read(CheckpointManifest.self, at: key)
        } catch {
            switch error {
            case .malformed(_, let detail):
                throw .invalid("its MANIFEST.json is malformed: \(detail)")
            case .store(.tooLarge): throw .invalid("its MANIFEST.json is too large")
            default: throw error.isTransient ? .unavailable("\(error)") : .failed("\(error)")
            }
        }
        guard case .record(let found) = read else {
            throw .invalid("its MANIFEST.json does not exist")
        }
        manifest = found.record
    }

    /// Downloads every file to `place(number, file)`, at most `parallel` at once, each verified.
    func download(
        parallel: Int, to place: @escaping @Sendable (Int, CheckpointManifest.File) -> String,
        then done: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(RestoreFailure) {
        let store = store
        let numbered = Array(manifest.files.enumerated())
        _ = try await inParallel(numbered, limit: parallel) {
            numbered async throws(RestoreFailure) -> Void in
            let path = place(numbered.offset, numbered.element)
            try await StoredCheckpoint.download(numbered.element, to: path, from: store)
            done(path)
        }
    }

    private static func download(
        _ file: CheckpointManifest.File, to path: String, from store: any ObjectStore
    ) async throws(RestoreFailure) {
        if Task.isCancelled { throw .unavailable("cancelled") }
        do throws(StoreFailure) {
            try await store.download(file.key, to: path, size: file.size, sha256: file.sha256)
        } catch {
            if case .corrupt(_, let detail) = error {
                throw .invalid("\(file.path): \(detail)")
            }
            // Gone or of another size is invalid however the download said it; all else is not.
            let stored: StoredSummary?
            do throws(StoreFailure) {
                stored = try await store.head(file.key)
            } catch {
                throw .unavailable("\(file.path): \(error)")
            }
            guard let stored else { throw .invalid("\(file.path) is not in the store") }
            guard stored.size == file.size else {
                throw .invalid("\(file.path) has \(stored.size) bytes, not \(file.size)")
            }
            switch error {
            case .unavailable, .conditionFailed: throw .unavailable("\(file.path): \(error)")
            default: throw .failed("\(file.path): \(error)")
            }
        }
    }
}
