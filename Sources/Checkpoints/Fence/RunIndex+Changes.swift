import Training

/// The changes that an agent makes to its index, each within the index's bounds.
extension RunIndex {
    /// Adds an entry in its place; over the limit the oldest one that the head does not name goes.
    mutating func insert(_ checkpoint: IndexedCheckpoint) {
        let place = checkpoints.firstIndex { $0.id >= checkpoint.id } ?? checkpoints.endIndex
        if place < checkpoints.endIndex && checkpoints[place].id == checkpoint.id { return }
        checkpoints.insert(checkpoint, at: place)
        while checkpoints.count > RunIndex.checkpointLimit,
            let oldest = checkpoints.first(where: { $0.id != head?.checkpoint })
        {
            drop([oldest.id])
        }
    }

    /// Removes entries; their children become children of the nearest ancestor that stays, so that
    /// the lineage stays whole.
    ///
    /// What the head names stays.
    mutating func drop(_ dropped: Set<CheckpointID>) {
        let parents = Dictionary(
            checkpoints.filter { dropped.contains($0.id) && $0.id != head?.checkpoint }
                .map { ($0.id, $0.parent) }
        ) { first, _ in first }
        guard !parents.isEmpty else { return }
        checkpoints.removeAll { parents.keys.contains($0.id) }
        for place in checkpoints.indices {
            // Parents are older than their children, so this ends.
            while let parent = checkpoints[place].parent, let above = parents[parent] {
                checkpoints[place].parent = above
            }
        }
    }

    mutating func quarantine(_ id: CheckpointID, _ quarantine: Quarantine) {
        guard let place = checkpoints.firstIndex(where: { $0.id == id }) else { return }
        var all = checkpoints[place].quarantines
        if all.contains(where: { $0.digest == quarantine.digest }) { return }
        all.append(quarantine)
        checkpoints[place].quarantines = Array(all.suffix(IndexText.quarantineLimit))
    }

    mutating func insert(_ report: AttemptReport) {
        reports.removeAll { $0.attempt == report.attempt }
        let place = reports.firstIndex { $0.attempt > report.attempt } ?? reports.endIndex
        reports.insert(report, at: place)
        reports.removeFirst(max(0, reports.count - RunIndex.reportLimit))
    }
}

extension AttemptReport {
    /// The same report under the claim's own attempt, its texts within the index's bounds.
    func clipped(attempt: Int) -> AttemptReport {
        var report = self
        report.attempt = attempt
        report.lastLines = lastLines.suffix(IndexText.lineLimit).map {
            IndexText.clip($0, to: IndexText.lineLength)
        }
        report.detail = detail.map { IndexText.clip($0, to: IndexText.detailLength) }
        report.fallback = fallback.map { IndexText.clip($0, to: IndexText.detailLength) }
        report.acknowledged = acknowledged.map { IndexText.clip($0, to: IndexText.lineLength) }
        if let step, step.magnitude > greatestNumber { report.step = nil }
        return report
    }
}
