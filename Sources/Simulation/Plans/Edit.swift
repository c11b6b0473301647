package import Training

/// Something that people do to the repository or at the control plane, or that befalls it.
package struct Edit: Hashable, Sendable, Codable {
    package var at: Seconds
    package var change: Change

    package init(at moment: Seconds, _ change: Change) {
        at = moment
        self.change = change
    }

    package enum Change: Hashable, Sendable, Codable {
        /// A manifest says something else from now on.
        case amend(RunName, Amendment)
        /// A manifest is taken away, or comes back.
        case remove(RunName)
        case restore(RunName)
        /// A manifest cannot be decoded any more; `mend` makes all of them readable.
        case spoil(RunName)
        case mend
        /// A commit that declares no run at all; the next edit declares them again.
        case empty
        /// A force push: the branch goes back by some commits for a while.
        case pushBack(commits: Int, span: Seconds)
        /// A force push: for a while the branch holds a commit that does not descend from what
        /// was applied.
        case rewrite(span: Seconds)
        case outage(Outage, span: Seconds)
        /// A reconciler reads a stale mirror, some commits behind.
        case lag(reconciler: Int, commits: Int, span: Seconds)
        /// `reconcile resume` of every run that is held just then.
        case resume
    }

    /// Another value of one field.
    package enum Amendment: Hashable, Sendable, Codable {
        // Fields that apply to the living attempt.
        case keep(Int)
        case grace(Seconds)
        case retries(Int)
        case maxDuration(Seconds)
        // Fields that only another attempt takes up.
        case environment(String)
        case market(Market)
        case generation
        case resumeFrom(CheckpointReference?)
        /// The working directory holds other code.
        case code(tree: String)
        case state(DesiredState)
        /// `until` as a span since the world's beginning; nil: until it is lifted.
        case suspend(until: Seconds?)
        case lift
    }

    /// Why the repository cannot be read.
    package enum Outage: String, Hashable, Sendable, Codable, CaseIterable {
        case unreachable
        case authentication
        case refNotFound
        case emptyRepository
        case pathNotFound
        case tooLarge
        case refused
        case damaged
    }
}

extension Edit.Change {
    /// For tables.
    package var name: String {
        switch self {
        case .amend(_, let amendment): "amend \(amendment.name)"
        case .remove: "remove"
        case .restore: "restore"
        case .spoil: "spoil"
        case .mend: "mend"
        case .empty: "empty"
        case .pushBack: "push back"
        case .rewrite: "rewrite"
        case .outage: "outage"
        case .lag: "lag"
        case .resume: "resume"
        }
    }

    /// The run that it is about.
    package var run: RunName? {
        switch self {
        case .amend(let run, _), .remove(let run), .restore(let run), .spoil(let run): run
        default: nil
        }
    }

    /// The reconciler that it is about.
    package var reconciler: Int? {
        if case .lag(let number, _, _) = self { number } else { nil }
    }
}

extension Edit.Amendment {
    /// For tables.
    var name: String {
        switch self {
        case .keep: "keep"
        case .grace: "grace"
        case .retries: "retries"
        case .maxDuration: "max_duration"
        case .environment: "environment"
        case .market: "market"
        case .generation: "generation"
        case .resumeFrom: "resume_from"
        case .code: "code"
        case .state(let state): "state \(state.rawValue)"
        case .suspend: "suspend"
        case .lift: "lift"
        }
    }
}
