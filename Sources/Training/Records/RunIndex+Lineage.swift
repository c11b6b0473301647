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
        guard let tip else { return [] }
        var chain = [tip]
        // Parents are always older, so the walk ends; a hostile index cannot make it longer.
        while chain.count <= checkpoints.count, let parent = chain.last?.parent,
            let next = place(of: parent), checkpoints[next].id < chain[chain.count - 1].id
        {
            chain.append(checkpoints[next])
        }
        return chain
    }

    /// The newest on the head's lineage.
    package var tip: IndexedCheckpoint? {
        guard let head else { return checkpoints.last }
        let newest = checkpoints.indices.last { place in
            checkpoints[place].id.attempt >= head.attempt && descends(place, from: head)
        }
        return (newest ?? head.checkpoint.flatMap { place(of: $0) }).map { checkpoints[$0] }
    }

    private func descends(_ place: Int, from head: Head) -> Bool {
        var current = place
        for _ in 0...checkpoints.count {
            guard let parent = checkpoints[current].parent else { return head.checkpoint == nil }
            if parent == head.checkpoint { return true }
            guard let next = self.place(of: parent), checkpoints[next].id < checkpoints[current].id
            else { return false }
            current = next
        }
        return false
    }

    /// By halves, since checkpoints are sorted by id.
    private func place(of id: CheckpointID) -> Int? {
        var range = checkpoints.indices
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            if checkpoints[middle].id < id {
                range = middle + 1..<range.upperBound
            } else {
                range = range.lowerBound..<middle
            }
        }
        let found = range.lowerBound
        return found < checkpoints.count && checkpoints[found].id == id ? found : nil
    }
}
