/// Decides from successive looks which checkpoints are ready to be committed.
///
/// A value without a clock: the caller looks when it wants to.
package struct CandidateTracker: Sendable {
    private var last: [String: Look.Found] = [:]
    /// The fingerprints that need no further commit, by path.
    private var settled: [String: [FileFacts]] = [:]

    package init() {}

    package struct Observation: Hashable, Sendable {
        /// Whole, unchanged since the look before, not settled; the newest last.
        ///
        /// Each one is offered again at every look until it is settled.
        package var ready: [Candidate] = []
        /// Only when all processes are gone: what will never become a checkpoint, by name.
        package var refused: [Refusal] = []
        /// Paths that are being written or miss something.
        package var pending: [String] = []

        package init() {}
    }

    package struct Refusal: Hashable, Sendable {
        package var path: String
        package var reason: String

        package init(path: String, reason: String) {
            self.path = path
            self.reason = reason
        }
    }

    /// Takes in a look.
    ///
    /// `final`: every process of the run is gone, so that nothing changes any more and one look is
    /// enough.
    package mutating func observe(_ look: Look, final: Bool = false) -> Observation {
        var observation = Observation()
        for found in look.found where settled[found.candidate.path] != found.candidate.files {
            let path = found.candidate.path
            if let flaw = found.flaw {
                if final { observation.refused.append(Refusal(path: path, reason: flaw)) }
                observation.pending.append(path)
            } else if final || last[path] == found {
                observation.ready.append(found.candidate)
            } else {
                observation.pending.append(path)
            }
        }
        observation.ready.sort { ($0.newest, $0.path) < ($1.newest, $1.path) }
        last = Dictionary(look.found.map { ($0.candidate.path, $0) }) { first, _ in first }
        // Forgets what is gone, so that the memory stays as bounded as a look.
        settled = settled.filter { last.keys.contains($0.key) }
        return observation
    }

    /// Committed, or refused for good: not offered again until its files change.
    package mutating func settle(_ candidate: Candidate) {
        settled[candidate.path] = candidate.files
    }

    /// All that a look saw counts as settled: what a restore has put there, say.
    package mutating func settle(all look: Look) {
        for found in look.found { settle(found.candidate) }
    }
}
