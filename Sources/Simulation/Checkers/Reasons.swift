import Planning
import Training

/// Promise 8: nothing is ordered or deleted that the process did not plan with a reason, and every
/// run that a plan considers has an action or a reason for none.
struct Reasons: Sendable {
    /// An effect on the outside that a plan must name.
    enum Effect: Hashable, Sendable {
        case launch(token: String)
        case order(PortCall.ComputeVerb, InstanceID)
        case delete(RunName, CheckpointID)

        init?(_ step: Step, of run: RunName) {
            switch step {
            case .launch(let request, _, _): self = .launch(token: request.clientToken)
            case .start(let id, _, _, _): self = .order(.start, id)
            case .stop(let id, _): self = .order(.stop, id)
            case .terminate(let id, _): self = .order(.terminate, id)
            case .deleteCheckpoint(let id): self = .delete(run, id)
            default: return nil
            }
        }
    }

    private var planned: [ProcessID: Set<Effect>] = [:]

    mutating func planned(
        _ plan: Plan, by process: ProcessID, at now: Timestamp
    ) -> BrokenPromise? {
        let effects = plan.actions.flatMap { action in
            action.steps.compactMap { Effect($0, of: action.run) }
        }
        planned[process] = effects.isEmpty ? nil : Set(effects)
        guard let run = silent(in: plan) else { return nil }
        return BrokenPromise(
            .reasons, at: now, run: run, "\(process) has neither an action nor a reason for none")
    }

    func took(
        _ effect: Effect, by process: ProcessID, on run: RunName?, at now: Timestamp
    ) -> BrokenPromise? {
        guard planned[process]?.contains(effect) != true else { return nil }
        let machine: InstanceID? = if case .order(_, let id) = effect { id } else { nil }
        return BrokenPromise(
            .reasons, at: now, run: run, machine: machine,
            "\(process) did what it had not planned: \(effect)")
    }

    /// The first run that is considered and not accounted for; all lists are sorted by run.
    private func silent(in plan: Plan) -> RunName? {
        var action = 0
        var inaction = 0
        for run in plan.phases.lazy.map(\.run) {
            while inaction < plan.inactions.count, plan.inactions[inaction].run < run {
                inaction += 1
            }
            if inaction < plan.inactions.count, plan.inactions[inaction].run == run { continue }
            while action < plan.actions.count, plan.actions[action].run < run { action += 1 }
            if action < plan.actions.count, plan.actions[action].run == run { continue }
            if plan.blocked.contains(where: { $0.run == run }) { continue }
            return run
        }
        return nil
    }
}

extension Reasons.Effect: CustomStringConvertible {
    var description: String {
        switch self {
        case .launch(let token): "a launch with the token \(token)"
        case .order(let verb, let machine): "\(verb) \(machine)"
        case .delete(let run, let id): "the deletion of \(run)/\(id)"
        }
    }
}
