package import Training

/// Finds a smaller scenario that still breaks the same promise.
package struct Shrinker {
    /// How many scenarios it may try in all.
    package let limit: Int
    package private(set) var tries = 0
    /// When a scenario breaks the promise; nil: it does not.
    private let breaks: (Scenario) -> Timestamp?

    package init(limit: Int = 300, breaks: @escaping (Scenario) -> Timestamp?) {
        self.limit = limit
        self.breaks = breaks
    }

    /// Takes away what the break does not need: time, then faults, edits, runs, pools and
    /// reconcilers, over and over until nothing more can go.
    package mutating func shrink(_ scenario: Scenario) -> Scenario {
        var least = scenario
        while tries < limit {
            let before = least
            shorten(&least)
            reduce(&least, \.faults.count) { $0.faults.removeSubrange($1) }
            reduce(&least, \.edits.count) { $0.edits.removeSubrange($1) }
            reduce(&least, \.workload.count, atLeast: 1) { $0.removeRuns($1) }
            reduce(&least, \.pools.count) { $0.pools.removeSubrange($1) }
            reduce(&least, \.reconcilers.count, atLeast: 1) { $0.removeReconcilers($1) }
            if least == before { break }
        }
        return least
    }

    /// Ends the faults when the promise has been broken, or earlier.
    private mutating func shorten(_ least: inout Scenario) {
        tries += 1
        guard let moment = breaks(least) else { return }
        var spans = [moment.since(Scenario.start) + 1]
        spans += [2, 4, 8].map { Seconds(least.span.count - least.span.count / $0) }
        for span in spans where span < least.span && span > 0 {
            var candidate = least
            candidate.span = span
            candidate.faults.removeAll { $0.at >= span }
            candidate.edits.removeAll { $0.at >= span }
            if keep(candidate, as: &least) { return }
        }
    }

    /// Takes away parts of one kind: first half of them at once, in the end one by one.
    private mutating func reduce(
        _ least: inout Scenario, _ count: KeyPath<Scenario, Int>, atLeast fewest: Int = 0,
        _ remove: (inout Scenario, Range<Int>) -> Void
    ) {
        var size = max(1, least[keyPath: count] / 2)
        while tries < limit {
            var start = 0
            while start < least[keyPath: count], tries < limit {
                let part = start..<min(start + size, least[keyPath: count])
                guard least[keyPath: count] - part.count >= fewest else { break }
                var candidate = least
                remove(&candidate, part)
                if !keep(candidate, as: &least) { start += size }
            }
            if size == 1 { return }
            size /= 2
        }
    }

    private mutating func keep(_ candidate: Scenario, as least: inout Scenario) -> Bool {
        tries += 1
        guard tries <= limit, breaks(candidate) != nil else { return false }
        least = candidate
        return true
    }
}

extension Scenario {
    /// Takes runs away, with all that is about them.
    fileprivate mutating func removeRuns(_ part: Range<Int>) {
        let gone = Set(workload[part].map(\.spec.name))
        workload.removeSubrange(part)
        faults.removeAll { $0.kind.run.map(gone.contains) ?? false }
        edits.removeAll { $0.change.run.map(gone.contains) ?? false }
    }

    /// Takes reconcilers away; the numbers of the others stay right only from the end, so what is
    /// about any later one goes too.
    fileprivate mutating func removeReconcilers(_ part: Range<Int>) {
        reconcilers.removeSubrange(part)
        faults.removeAll { ($0.kind.reconciler ?? 0) > part.lowerBound }
        edits.removeAll { ($0.change.reconciler ?? 0) > part.lowerBound }
    }
}
