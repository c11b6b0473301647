package import Training

/// What a fetched revision means for a scope.
package enum RevisionVerdict: Hashable, Sendable {
    /// It is the applied one.
    case current
    /// It descends from the applied one, or is the first.
    case advances
    /// It does not descend from the applied one, or that cannot be told: planned, not applied.
    case held(String)
}

/// The rule for revisions: only forward, unless a person says otherwise.
package enum RevisionRule {
    package static func verdict(
        fetched: Revision, applied: ScopeRecord.Applied?, ancestry: Ancestry, allowRollback: Bool
    ) -> RevisionVerdict {
        guard let applied else { return .advances }
        if applied.revision.commit == fetched.commit { return .current }
        switch ancestry {
        case .same: return .current
        case .descends: return .advances
        case .diverged where allowRollback, .unknown where allowRollback: return .advances
        case .diverged:
            return .held("\(fetched) does not descend from the applied \(applied.revision)")
        case .unknown:
            return .held(
                "whether \(fetched) descends from the applied \(applied.revision) cannot be told")
        }
    }
}
