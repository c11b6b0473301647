package import Training

/// Verifies a stored checkpoint again, without restoring it.
package struct CheckpointAudit: Sendable {
    package enum Finding: Hashable, Sendable {
        /// Every byte is as it was committed.
        case valid(files: Int, size: Int)
        /// It can never be used again.
        case invalid(reason: String)
        /// It could not be read, which says nothing about it.
        case unknown(reason: String)
    }

    let records: RecordStore
    let scratch: String
    let parallel: Int

    /// `scratch`, absolute, is a folder of this audit's own, with room for `parallel` files of the
    /// checkpoint; it is emptied, made, and removed.
    package init(records: RecordStore, scratch: String, parallel: Int = 4) {
        self.records = records
        self.scratch = scratch
        self.parallel = parallel
    }

    /// Reads every byte of a checkpoint.
    ///
    /// `entry`, where the index has one, must agree with it.
    @concurrent
    package func verify(
        _ id: CheckpointID, of run: RunName, entry: IndexedCheckpoint? = nil
    ) async -> Finding {
        let scratch = scratch
        do {
            try LocalFiles.remove(scratch)
            try LocalFiles.makeDirectory(scratch)
        } catch {
            return .unknown(reason: "\(error)")
        }
        defer { try? LocalFiles.remove(scratch) }
        do {
            let stored = try await StoredCheckpoint(id, of: run, in: records)
            let manifest = stored.manifest
            if let entry,
                (entry.generation, entry.size, entry.digest)
                    != (manifest.generation, manifest.size, manifest.digest)
            {
                return .invalid(reason: "its entry in the index is another one's")
            }
            try await stored.download(parallel: parallel) { number, _ in
                "\(scratch)/\(number)"
            } then: { path in
                try? LocalFiles.remove(path)
            }
            return .valid(files: manifest.files.count, size: manifest.size)
        } catch {
            switch error {
            case .invalid(let reason): return .invalid(reason: reason)
            case .unavailable(let reason), .failed(let reason): return .unknown(reason: reason)
            }
        }
    }
}
