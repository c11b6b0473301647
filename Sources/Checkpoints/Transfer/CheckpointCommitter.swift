package import Training

/// Makes a candidate a committed checkpoint: bytes, read back, manifest, index entry.
///
/// The order makes every crash harmless: bytes without a manifest are nothing; a manifest without
/// an entry is adopted by the next claim or recognised by the next commit. Every key carries a
/// nonce and is written only if absent, so nothing committed is ever overwritten. One commit at a
/// time.
package struct CheckpointCommitter: Sendable {
    /// Sends of one object before the commit is put off.
    static let sendLimit = 3
    /// Sequence numbers that one commit finds taken before it is put off.
    static let ticketLimit = 8

    let index: FencedIndex
    private let files: any CheckpointFiles
    let staging: String
    let parallel: Int
    private let nonce: @Sendable () -> UInt64

    /// `files` are those of the working directory; `staging`, absolute, is a folder outside of it,
    /// made here when it is needed, for copies of files that are rewritten in place; no two calls
    /// of `nonce` give the same.
    package init(
        index: FencedIndex, files: any CheckpointFiles, staging: String, parallel: Int = 4,
        nonce: @escaping @Sendable () -> UInt64 = { .random(in: .min ... .max) }
    ) {
        self.index = index
        self.files = files
        self.staging = staging
        self.parallel = parallel
        self.nonce = nonce
    }

    /// Commits a candidate.
    ///
    /// Retries little by itself: on `.unavailable` call again later.
    @concurrent
    package func commit(
        _ candidate: Candidate, _ context: CommitContext, at now: Timestamp
    ) async throws(CommitFailure) -> CommitOutcome {
        let copies = context.kind == .inPlace ? staging + "/commit" : nil
        defer { if let copies { try? files.remove(copies) } }
        let snapshot: Snapshot
        do {
            snapshot = try await Snapshot.take(
                of: candidate, as: context.format, in: files, copies: copies, parallel: parallel)
        } catch {
            switch error {
            case .changed: return .refused(reason: "it changed while it was read")
            case .flawed(let flaw): return .flawed(flaw)
            case .unavailable(let detail): throw .unavailable(detail)
            case .failed(let detail): throw .failed(detail)
            }
        }
        return try await commit(snapshot, candidate, context, at: now)
    }

    private func commit(
        _ snapshot: Snapshot, _ candidate: Candidate, _ context: CommitContext, at now: Timestamp
    ) async throws(CommitFailure) -> CommitOutcome {
        var taken = 0
        for _ in 0..<CheckpointCommitter.ticketLimit {
            let ticket = try await fenced { () async throws(FenceFailure) in
                try await index.ticket(after: taken)
            }
            // An earlier life of this attempt, or this one, may have come as far as the manifest.
            switch try await fenced({ () async throws(FenceFailure) in
                try await index.orphan(ticket.id)
            }) {
            case .success(let orphan)?:
                try await fenced { () async throws(FenceFailure) in
                    try await index.add(committed: orphan.entry)
                }
                if snapshot.equals(orphan.manifest) { return .committed(orphan.entry) }
                continue
            case .failure?:
                taken = ticket.id.sequence
                continue
            case nil: break
            }
            if let parent = ticket.parent, try await holds(parent, snapshot) {
                return .duplicate(of: parent)
            }
            let manifest: CheckpointManifest
            switch try await upload(snapshot, candidate, context, ticket, at: now) {
            case .changed: return .refused(reason: "it changed while it was uploaded")
            case .stored(let stored): manifest = stored
            }
            // Bytes may have taken hours; a zombie learns here that it is one.
            _ = try await fenced { () async throws(FenceFailure) in try await index.read() }
            guard try await write(manifest) else {
                taken = ticket.id.sequence - 1
                continue
            }
            let entry = manifest.entry(at: now)
            try await fenced { () async throws(FenceFailure) in
                try await index.add(committed: entry)
            }
            return .committed(entry)
        }
        throw .unavailable("the numbers of the next checkpoints are taken")
    }

    // MARK: Bytes

    private enum Uploaded {
        case stored(CheckpointManifest)
        case changed
    }

    private func upload(
        _ snapshot: Snapshot, _ candidate: Candidate, _ context: CommitContext,
        _ ticket: CommitTicket, at now: Timestamp
    ) async throws(CommitFailure) -> Uploaded {
        let nonce = String(nonce(), radix: 16)
        let folder = StoreLayout.checkpoint(index.run, ticket.id) + nonce + "/"
        let store = index.records.store
        let numbered = Array(snapshot.files.enumerated())
        let uploaded: [CheckpointManifest.File]
        do throws(StoreFailure) {
            uploaded = try await inParallel(numbered, limit: parallel) {
                numbered async throws(StoreFailure) -> CheckpointManifest.File in
                let (place, file) = numbered
                let key = folder + String(place)
                try await send(file, to: key, in: store)
                return CheckpointManifest.File(
                    path: file.path, key: key, size: file.size, sha256: file.sha256)
            }
        } catch {
            // The store has digested the bytes: other ones than we did, or the file has gone.
            if case .corrupt = error { return .changed }
            if case .local = error, candidate.hasChanged(in: files) { return .changed }
            throw CommitFailure(error)
        }
        return .stored(
            CheckpointManifest(
                run: index.run, id: ticket.id, generation: context.generation,
                digest: context.digest, step: candidate.step ?? snapshot.step,
                parent: ticket.parent, path: candidate.path, format: snapshot.format,
                files: uploaded, createdAt: now))
    }

    /// Sends a file to a key of its own and reads back that it is there.
    private func send(
        _ file: Snapshot.File, to key: String, in store: any ObjectStore
    ) async throws(StoreFailure) {
        if let copy = file.copy { return try await send(file, at: copy, to: key, in: store) }
        try await files.withFile(file.path) { source async throws(StoreFailure) in
            try await send(file, at: source, to: key, in: store)
        }
    }

    private func send(
        _ file: Snapshot.File, at source: String, to key: String, in store: any ObjectStore
    ) async throws(StoreFailure) {
        for left in (0..<CheckpointCommitter.sendLimit).reversed() {
            if Task.isCancelled { throw .unavailable("cancelled") }
            do {
                try await store.upload(file: source, to: key, sha256: file.sha256, if: .absent)
            } catch .conditionFailed {
                // Nobody else knows the nonce: our own send whose reply was lost took effect.
            } catch .unavailable(let detail) {
                if left > 0 { continue }
                throw .unavailable(detail)
            } catch {
                throw error
            }
            guard let stored = try await store.head(key), stored.size == file.size else {
                throw .unavailable("\(key) cannot be read back")
            }
            return
        }
    }

    // MARK: Manifest and entry

    /// Writes the manifest; false when another one stands at its key.
    private func write(_ manifest: CheckpointManifest) async throws(CommitFailure) -> Bool {
        let key = StoreLayout.manifest(manifest.run, manifest.id)
        if let defect = manifest.defect(at: key) { throw .failed("not committed: \(defect)") }
        let bytes = index.records.coding.encode(manifest)
        guard bytes.count <= CanonicalJSON.maximumSize else {
            throw .failed("not committed: it has too many files")
        }
        let store = index.records.store
        for left in (0..<CheckpointCommitter.sendLimit).reversed() {
            do throws(StoreFailure) {
                if let isOurs = try await put(key, bytes, in: store) { return isOurs }
                if left == 0 { throw .unavailable("\(key) was not answered") }
            } catch {
                throw CommitFailure(error)
            }
        }
        return false
    }

    /// Sends once; whether exactly `bytes` stand there now, nil when nothing does.
    private func put(
        _ key: String, _ bytes: [UInt8], in store: any ObjectStore
    ) async throws(StoreFailure) -> Bool? {
        do throws(StoreFailure) {
            try await store.put(key, bytes, if: .absent)
            return true
        } catch {
            switch error {
            case .conditionFailed, .unavailable: return try await stands(key, bytes, in: store)
            default: throw error
            }
        }
    }

    /// Whether exactly `bytes` stand at a key; nil when nothing does.
    private func stands(
        _ key: String, _ bytes: [UInt8], in store: any ObjectStore
    ) async throws(StoreFailure) -> Bool? {
        switch try await store.get(key, limit: CanonicalJSON.maximumSize, unless: nil) {
        case nil: nil
        case .unchanged: false
        case .object(let object): object.bytes == bytes
        }
    }

    /// Whether the parent is the same checkpoint, still good: files that a restore put there, or
    /// that an earlier life had committed.
    private func holds(
        _ parent: CheckpointID, _ snapshot: Snapshot
    ) async throws(CommitFailure) -> Bool {
        let current = try await fenced { () async throws(FenceFailure) in
            try await index.read()
        }
        guard let entry = current.checkpoints.last(where: { $0.id == parent }),
            entry.quarantines.isEmpty
        else { return false }
        let key = StoreLayout.manifest(index.run, parent)
        guard
            case .record(let found)? = try? await index.records.read(
                CheckpointManifest.self, at: key)
        else { return false }
        return snapshot.equals(found.record)
    }

    private func fenced<Answer>(
        _ body: () async throws(FenceFailure) -> Answer
    ) async throws(CommitFailure) -> Answer {
        do {
            return try await body()
        } catch {
            throw CommitFailure(error)
        }
    }
}
