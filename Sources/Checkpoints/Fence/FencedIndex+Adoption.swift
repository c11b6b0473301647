package import Training

/// What a claim found of earlier attempts' commits.
package struct Adoption: Hashable, Sendable {
    package var adopted: [CheckpointID]
    package var refused: [Refusal]

    /// A committed checkpoint that does not enter the index, and why.
    package struct Refusal: Hashable, Sendable {
        package var checkpoint: CheckpointID
        package var reason: String
    }
}

extension FencedIndex {
    /// Objects below one run's checkpoints that are listed at most.
    static let listLimit = 250_000

    /// Adopts committed checkpoints that never reached the index, then seals the attempts before.
    ///
    /// They are those of attempts that were not sealed yet: their agents ended between the manifest
    /// and the entry. Also those of this attempt's own earlier life. `retired` ones stay out. When
    /// something cannot be read nothing is sealed: call again.
    package func adoptOrphans(
        retired: [CheckpointID]
    ) async throws(FenceFailure) -> Adoption {
        let index = try await read()
        let known = Set(index.checkpoints.map(\.id) + retired)
        var adoption = Adoption(adopted: [], refused: [])
        var entries: [IndexedCheckpoint] = []
        for id in try await committed() where !known.contains(id) {
            guard id.attempt > index.sealedThrough, id.attempt <= mine.attempt else { continue }
            switch try await orphan(id) {
            case nil: continue
            case .success(let orphan)?:
                entries.append(orphan.entry)
                adoption.adopted.append(id)
            case .failure(let refusal)?:
                adoption.refused.append(.init(checkpoint: id, reason: refusal.reason))
            }
        }
        try await add(entries, sealing: mine.attempt - 1)
        return adoption
    }

    struct Unusable: Error {
        var reason: String
    }

    struct Orphan {
        var manifest: CheckpointManifest
        var entry: IndexedCheckpoint
    }

    /// A committed checkpoint whose files are all there; nil when its manifest does not exist.
    func orphan(
        _ id: CheckpointID
    ) async throws(FenceFailure) -> Result<Orphan, Unusable>? {
        let key = StoreLayout.manifest(run, id)
        do {
            guard
                case .record(let found) = try await records.read(
                    CheckpointManifest.self, at: key)
            else { return nil }
            if let problem = try await missingFile(of: found.record) {
                return .failure(Unusable(reason: problem))
            }
            let entry = found.record.entry(at: found.lastModified)
            return .success(Orphan(manifest: found.record, entry: entry))
        } catch .malformed(_, let detail) {
            return .failure(Unusable(reason: "MANIFEST.json is malformed: \(detail)"))
        } catch .store(.tooLarge) {
            return .failure(Unusable(reason: "MANIFEST.json is too large"))
        } catch {
            throw .record(error)
        }
    }

    private func missingFile(
        of manifest: CheckpointManifest
    ) async throws(RecordFailure) -> String? {
        for file in manifest.files {
            do {
                guard let stored = try await records.store.head(file.key) else {
                    return "\(file.path) is not in the store"
                }
                guard stored.size == file.size else {
                    return "\(file.path) has \(stored.size) bytes, not \(file.size)"
                }
            } catch {
                throw .store(error)
            }
        }
        return nil
    }

    private func committed() async throws(FenceFailure) -> [CheckpointID] {
        let prefix = StoreLayout.checkpoints(run)
        do {
            let objects = try await records.store.list(
                prefix: prefix, limit: FencedIndex.listLimit)
            return objects.compactMap { object -> CheckpointID? in
                let parts = object.key.dropFirst(prefix.count).split(
                    separator: "/", omittingEmptySubsequences: false)
                guard parts.count == 2, parts[1] == "MANIFEST.json" else { return nil }
                return CheckpointID(String(parts[0]))
            }.sorted()
        } catch {
            throw .record(.store(error))
        }
    }
}

extension CheckpointManifest {
    func entry(at committed: Timestamp) -> IndexedCheckpoint {
        IndexedCheckpoint(
            id: id, generation: generation, digest: digest, step: step, parent: parent,
            size: size, committedAt: committed)
    }
}
