import Planning
import Training

/// The whole story of one run: what is declared, what was seen, what is done about it and why.
struct Explanation: Hashable, Sendable {
    var run: RunName
    /// Nil: no manifest declares it at this commit.
    var declared: RunSpec?
    var revision: Revision?
    var plan: Plan?
    var records: ObservedRun
    var instances: [Instance]

    var phase: RunPhase? { plan?.phases.first { $0.run == run } }
    var actions: [PlannedAction] { plan?.actions.filter { $0.run == run } ?? [] }
    var blocked: [PlannedAction] { plan?.blocked.filter { $0.run == run } ?? [] }
    var inaction: InactionReason? { plan?.inactions.first { $0.run == run }?.reason }
    var newest: Attempt? { records.ledger?.attempts.last }

    /// Of the newest machine that never claimed its attempt, when it was kept.
    var console: String? {
        records.ledger?.attempts.suffix(2).reversed().lazy
            .compactMap { $0.launches.last?.console }.first
    }

    /// Whether the manifest differs from what the newest attempt runs; nil: nothing to compare.
    var isChanged: Bool? {
        guard let declared, let newest else { return nil }
        return SpecDigest(of: declared).differs(from: newest.digest)
    }

    /// What a person can do; empty when nothing is asked of anybody.
    var advice: [String] {
        var steps: [String] = []
        switch inaction {
        case .held, .failed:
            steps = [
                "read the last lines above, or all of them: reconcile logs \(run)",
                "mend the cause and commit, then: reconcile resume \(run)",
            ]
        case .gateHeld:
            steps = [
                "the trainer did not stop and save in time: look at reconcile logs \(run)",
                "to let the machine go without it, set stop: {on_timeout: proceed}",
            ]
        case .incompleteManifests: steps = ["mend the manifests: reconcile validate"]
        case .emptyManifests: steps = ["declare at least one run, or set state: terminated first"]
        case .protected(let instance):
            steps = ["remove the tag \(Tag.protect) of \(instance) to let it go"]
        case .retagged(let instance):
            steps = [
                "give \(instance) its tags back (\(Tag.scope), \(Tag.store), \(Tag.run)), "
                    + "or terminate it by hand"
            ]
        case .noCapacity:
            steps = ["admit more: zones, instance types (any_of), or fallback: on-demand"]
        case .quotaExhausted:
            steps = [
                "ask AWS for more: reconcile doctor names the quota in Service Quotas; new "
                    + "accounts often have none for GPUs, and spot has quotas of its own"
            ]
        case .subnetsFull: steps = ["name more subnets or zones in the profile"]
        case .tooExpensive: steps = ["raise max_hourly_cost, or admit other machines"]
        case .blind:
            steps = ["let the machine read its metadata: turn them on, or replace the machine"]
        case .unsaved:
            steps = [
                "let checkpoint.path match checkpoints only, say how the trainer writes them in "
                    + "checkpoint.kind and checkpoint.format, and let it remove old ones; see "
                    + "reconcile logs \(run)"
            ]
        case .changeHeld: steps = ["set on_change: relaunch to take the change up"]
        case .suspended: steps = ["remove `suspend` from the manifest to let it go on"]
        default: break
        }
        steps += savingAdvice
        if !blocked.isEmpty, let plan { steps.append("reconcile approve \(plan.id)") }
        if !actions.isEmpty { steps.append("reconcile --once carries this out") }
        return steps
    }

    /// Of a trainer that was asked to stop and did not save: only its own checkpoints carry it.
    private var savingAdvice: [String] {
        let asked = records.index?.reports.last {
            $0.outcome == .interrupted || $0.outcome == .drained
        }
        guard let asked, let signal = asked.exit?.signal else { return [] }
        let loss =
            "what it trained after its last checkpoint is done again at each stop: let it save "
            + "more often"
        let stop = declared?.stop ?? StopPolicy()
        return switch signal {
        case 9:
            [
                "the trainer of attempt \(asked.attempt) was killed, since it was still there "
                    + "after stop.grace (\(stop.grace)); \(loss), or raise stop.grace if it saves"
            ]
        case 15:
            ["the trainer of attempt \(asked.attempt) ended at SIGTERM without saving; \(loss)"]
        default: []
        }
    }
}
