import Reconciliation
package import Training

/// A repository of manifests as one value: commits, branches that move, and readers that lag.
package struct SimulatedRepository: Hashable, Sendable {
    package struct Commit: Hashable, Sendable {
        package var id: String
        /// The first one is the branch's own; the others were merged.
        package var parents: [String]
        package var fleet: DesiredFleet
        package var diagnostics: [Diagnostic]
    }

    package let owner: ScopeRecord.Owner
    /// Oldest first.
    package private(set) var commits: [Commit] = []
    /// What the branch points at; nil: an empty repository.
    package private(set) var head: String?
    /// Why it cannot be read now.
    package var failure: SourceFailure?
    /// Reconcilers that still read an older head, by their number: a stale clone or mirror.
    package var lagging: [Int: String] = [:]

    package init(origin: String = "https://example.invalid/team/fleet") {
        owner = ScopeRecord.Owner(origin: origin, ref: "main", path: "manifests")
    }

    /// Adds a commit on top of `parent` (nil: of the head) and moves the branch to it.
    ///
    /// `others` are merged: it descends from them, too.
    @discardableResult
    package mutating func commit(
        _ runs: [DesiredRun], policy: ScopePolicy, profiles: [String: Profile],
        isIncomplete: Bool = false, onto parent: String? = nil, merging others: [String] = []
    ) -> String {
        let number = String(commits.count + 1, radix: 16)
        let id = String(repeating: "0", count: 40 - number.utf8.count) + number
        let errors =
            isIncomplete
            ? [
                Diagnostic(
                    at: SourceLocation(file: "bad.yaml", line: 1, column: 1), "not readable")
            ] : []
        commits.append(
            Commit(
                id: id, parents: [parent ?? head].compactMap { $0 } + others,
                fleet: DesiredFleet(
                    revision: Revision(ref: owner.ref, commit: id), policy: policy, runs: runs,
                    profiles: profiles, isIncomplete: isIncomplete),
                diagnostics: errors))
        head = id
        return id
    }

    /// Moves the branch, as a force push does.
    package mutating func move(to commit: String) { head = commit }

    package subscript(id: String) -> Commit? { commits.first { $0.id == id } }

    package var current: Commit? { head.flatMap { self[$0] } }

    /// What reconciler `number` reads.
    func fetch(since applied: Revision?, by number: Int) throws(SourceFailure) -> FetchedFleet {
        if let failure { throw failure }
        guard let commit = (lagging[number] ?? head).flatMap({ self[$0] }) else {
            throw .emptyRepository
        }
        return FetchedFleet(
            owner: owner, fleet: commit.fleet, diagnostics: commit.diagnostics,
            ancestry: applied.map { ancestry(of: commit.id, from: $0.commit) } ?? .descends)
    }

    private func ancestry(of id: String, from ancestor: String) -> Ancestry {
        if id == ancestor { return .same }
        guard self[ancestor] != nil else { return .unknown }
        var seen: Set<String> = []
        var next = self[id]?.parents ?? []
        while let current = next.popLast() {
            if current == ancestor { return .descends }
            guard seen.insert(current).inserted else { continue }
            next += self[current]?.parents ?? []
        }
        return .diverged
    }
}

/// The repository as one reconciler reaches it.
struct WorldSource: FleetSource {
    let world: World
    let process: ProcessID
    let reconciler: Int

    func fetch(since applied: Revision?) async throws(SourceFailure) -> FetchedFleet {
        do throws(SourceFailure) {
            return try await world.call(
                .source, by: process, lost: .unreachable("no answer")
            ) { [process, reconciler] state throws(SourceFailure) in
                let found = try state.repository.fetch(since: applied, by: reconciler)
                state.note(.fetched(found.fleet), by: process)
                return found
            }
        } catch {
            world.with { $0.note(.fetched(nil), by: process) }
            throw error
        }
    }

    /// A tree's bytes are its id: equal trees give equal bytes.
    func archive(tree: String, limit: Int) async throws(SourceFailure) -> [UInt8] {
        try await world.call(
            .source, by: process, lost: .unreachable("no answer")
        ) { state throws(SourceFailure) in
            if let failure = state.repository.failure { throw failure }
            return Array(tree.utf8)
        }
    }
}
