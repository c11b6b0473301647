extension RunIndex {
    /// The checkpoints that an attempt may go on from, the best one first.
    ///
    /// Newest valid means: the newest on the head's lineage. Those are the head's descendants of
    /// the head's attempt and later ones, then the head, then its ancestors. Left out are other
    /// generations, retired ones, and those in quarantine with `digest`.
    package func candidates(
        generation: Int, digest: SpecDigest, retired: [CheckpointID]
    ) -> [IndexedCheckpoint] {
        let retired = Set(retired)
        return lineage.filter { checkpoint in
            checkpoint.generation == generation && !retired.contains(checkpoint.id)
                && !checkpoint.quarantines.contains { $0.digest == digest }
        }
    }

    /// All that stands on the head's lineage, newest first.
    package var lineage: [IndexedCheckpoint] {
        let byID = Dictionary(checkpoints.map { ($0.id, $0) }) { first, _ in first }
        guard let tip = newestDescendantOfHead(byID) else { return [] }
        var chain = [tip]
        // Parents are always older, so the walk ends; a hostile index cannot make it longer.
        while chain.count <= checkpoints.count, let parent = chain.last?.parent,
            let next = byID[parent], next.id < chain[chain.count - 1].id
        {
            chain.append(next)
        }
        return chain
    }

    private func newestDescendantOfHead(
        _ byID: [CheckpointID: IndexedCheckpoint]
    ) -> IndexedCheckpoint? {
        guard let head else { return checkpoints.last }
        let newest = checkpoints.last { checkpoint in
            checkpoint.id.attempt >= head.attempt && descends(checkpoint, from: head, byID)
        }
        return newest ?? head.checkpoint.flatMap { byID[$0] }
    }

    private func descends(
        _ checkpoint: IndexedCheckpoint, from head: Head,
        _ byID: [CheckpointID: IndexedCheckpoint]
    ) -> Bool {
        var current = checkpoint
        for _ in 0...checkpoints.count {
            guard let parent = current.parent else { return head.checkpoint == nil }
            if parent == head.checkpoint { return true }
            guard let next = byID[parent], next.id < current.id else { return false }
            current = next
        }
        return false
    }
}
