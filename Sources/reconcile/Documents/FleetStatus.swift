import Planning
import Training

/// The state of a scope at one moment: what `status` shows.
struct FleetStatus: Hashable, Sendable {
    var scope: String?
    var owner: ScopeRecord.Owner?
    /// Nil when the manifests could not be read.
    var attempted: Revision?
    var applied: Revision?
    /// Why the fetched revision is not applied.
    var revisionHeld: String?
    var plan: Plan?
    /// The machines that were seen, foreign ones included.
    var instances: [Instance] = []
    var diagnostics: [Diagnostic]
    /// What could not be read or done.
    var problems: [String]

    /// In the order in which people read them.
    var conditions: [Condition] { [ready, reconciling, stalled, healthy] }

    private var ready: Condition {
        guard let plan else { return condition(.ready, .unknown, "NotObserved", firstProblem) }
        if !problems.isEmpty { return condition(.ready, .no, "Failed", firstProblem) }
        let errors = diagnostics.count { $0.severity == .error }
        if errors > 0 {
            return condition(
                .ready, .no, "InvalidManifests", "\(count(errors, "error")) in the manifests")
        }
        if let revisionHeld { return condition(.ready, .no, "RevisionHeld", revisionHeld) }
        if !plan.blocked.isEmpty {
            return condition(
                .ready, .no, "BlockedByFuse",
                "\(count(plan.blocked.count, "action")) beyond the fuse")
        }
        if let stuck = stuckRuns.first {
            return condition(.ready, .no, "RunsHeld", "\(stuck.run): \(stuck.reason)")
        }
        return isSettled(plan)
            ? condition(.ready, .yes, "Succeeded", "instances match the manifests")
            : condition(.ready, .no, "Progressing", progress(plan))
    }

    private var reconciling: Condition {
        guard let plan else { return condition(.reconciling, .unknown, "NotObserved", "") }
        let isActive = !isSettled(plan)
        return isActive
            ? condition(.reconciling, .yes, "Progressing", progress(plan))
            : condition(.reconciling, .no, "Idle", "")
    }

    private var stalled: Condition {
        guard let plan else { return condition(.stalled, .unknown, "NotObserved", "") }
        if let revisionHeld { return condition(.stalled, .yes, "RevisionHeld", revisionHeld) }
        if !plan.blocked.isEmpty {
            return condition(
                .stalled, .yes, "BlockedByFuse", "`reconcile approve \(plan.id)` releases it")
        }
        if !stuckRuns.isEmpty {
            let names = stuckRuns.prefix(5).map(\.run.text).joined(separator: ", ")
            return condition(.stalled, .yes, "RunsHeld", "`reconcile resume RUN` for: \(names)")
        }
        return condition(.stalled, .no, "NotStalled", "")
    }

    private var healthy: Condition {
        guard let plan else { return condition(.healthy, .unknown, "NotObserved", "") }
        let ill = plan.inactions.filter { inaction in
            switch inaction.reason {
            case .held, .failed, .silent, .silentSensor, .gateHeld, .blind, .unsaved: true
            default: false
            }
        }
        guard let first = ill.first else {
            let unknown = plan.inactions.first { inaction in
                if case .unknown = inaction.reason { return true }
                return false
            }
            return unknown.map {
                condition(.healthy, .unknown, $0.reason.code, "\($0.run): \($0.reason)")
            } ?? condition(.healthy, .yes, "AllHealthy", "")
        }
        return condition(.healthy, .no, first.reason.code, "\(first.run): \(first.reason)")
    }

    /// Nothing is due or under way but the retirement of old checkpoints, which comes and goes
    /// with every checkpoint that a healthy run commits.
    private func isSettled(_ plan: Plan) -> Bool {
        plan.actions.allSatisfy { $0.verb == .retire }
            && plan.inactions.allSatisfy(\.reason.isSettled)
    }

    /// Runs that wait for a person.
    private var stuckRuns: [Inaction] {
        plan?.inactions.filter { inaction in
            switch inaction.reason {
            case .held, .failed, .gateHeld: true
            default: false
            }
        } ?? []
    }

    private var firstProblem: String { problems.first ?? "nothing was observed yet" }

    private func progress(_ plan: Plan) -> String {
        let visible = plan.visibleActions.count
        if visible > 0 { return "\(count(visible, "action")) due" }
        let waiting = plan.inactions.first { !$0.reason.isSettled }
        return waiting.map { "\($0.run): \($0.reason)" } ?? "the records are brought up to date"
    }

    private func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }

    private func condition(
        _ type: Condition.Kind, _ status: Condition.Status, _ reason: String, _ message: String
    ) -> Condition {
        Condition(type: type, status: status, reason: reason, message: message)
    }
}
