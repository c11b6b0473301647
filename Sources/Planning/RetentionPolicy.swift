import Training

/// Which committed checkpoints may be deleted.
///
/// Never the newest two, a living attempt's parent, what `resume_from` names, older generations,
/// nor what is in quarantine or off the lineage: a person may still want those.
enum RetentionPolicy {
    /// How many usable ones stay, whatever a manifest says.
    static func kept(_ keep: Int) -> Int { max(2, keep) }

    /// Oldest first; empty when nothing goes.
    static func expendable(
        in index: RunIndex, keep: Int, ledger: Ledger, spec: RunSpec,
        named: Set<CheckpointID>
    ) -> [CheckpointID] {
        // While an attempt of an older generation goes on, its checkpoints come and go.
        let generation = ledger.openAttempt?.generation ?? spec.generation
        let usable = index.lineage.filter { checkpoint in
            checkpoint.generation == generation && checkpoint.quarantines.isEmpty
                && !ledger.retired.contains(checkpoint.id)
        }
        let pinned = pins(index, ledger, spec).union(named)
        return usable.dropFirst(kept(keep)).map(\.id).filter { !pinned.contains($0) }.sorted()
    }

    private static func pins(
        _ index: RunIndex, _ ledger: Ledger, _ spec: RunSpec
    ) -> Set<CheckpointID> {
        var pinned: Set<CheckpointID> = []
        if let head = index.head?.checkpoint { pinned.insert(head) }
        if let parent = index.reports.last?.startedFrom { pinned.insert(parent) }
        let references =
            [spec.resumeFrom, ledger.consumedResumeFrom?.reference]
            + ledger.attempts.map(\.start.checkpoint)
        for reference in references.compactMap({ $0 })
        where reference.run == nil || reference.run == index.run {
            pinned.insert(reference.checkpoint)
        }
        if let from = ledger.operatorResume?.from { pinned.insert(from) }
        return pinned
    }
}
