import Planning
package import Reconciliation
import Synchronization
package import Training

/// What the loop has done and seen last, for whoever asks over HTTP.
package final class StatusBoard: Sendable {
    private struct Action: Hashable {
        var verb: String
        var reason: String
    }

    private struct Facts {
        var passes = 0
        var failures: [String: Int] = [:]
        var actions: [Action: Int] = [:]
        var lastPass: Timestamp?
        var plan: Plan?
        var instances: [Instance] = []
    }

    private let facts = Mutex(Facts())
    private let startedAt: Timestamp
    private let version: String
    private let patience: Seconds

    /// The loop counts as ill when it has made no plan for twice its `interval`, at least for ten
    /// minutes: after failures it pauses for up to five.
    package init(startedAt: Timestamp, version: String, interval: Seconds) {
        patience = max(.minutes(10), interval + interval)
        self.startedAt = startedAt
        self.version = version
    }

    package func note(_ occurrence: Occurrence, at now: Timestamp) {
        facts.withLock { facts in
            switch occurrence {
            case .planned(let plan, let instances):
                facts.passes += 1
                facts.lastPass = now
                facts.plan = plan
                facts.instances = instances
            case .acted(let action):
                let key = Action(verb: action.verb.rawValue, reason: action.reason.code)
                facts.actions[key, default: 0] += 1
            case .actionFailed: facts.failures["action", default: 0] += 1
            case .sourceFailed: facts.failures["source", default: 0] += 1
            case .storeFailed: facts.failures["store", default: 0] += 1
            case .revisionHeld: facts.failures["revision", default: 0] += 1
            case .manifestsInvalid: facts.failures["manifests", default: 0] += 1
            case .acting, .actionStale, .revisionApplied: break
            }
        }
    }

    /// Nil while the loop is well; else what is wrong.
    package func illness(at now: Timestamp) -> String? {
        let last = facts.withLock(\.lastPass) ?? startedAt
        let silence = now.since(last)
        return silence > patience ? "no plan has been made for \(silence)" : nil
    }

    /// Whether a plan has been made yet.
    package var isReady: Bool { facts.withLock { $0.lastPass != nil } }

    /// Everything in the text form of Prometheus.
    package var metrics: String {
        let facts = facts.withLock { $0 }
        var text = MetricsText()
        text.add(
            "holdfast_info", .gauge, "The program.",
            [(labels: [("version", version)], value: "1")])
        text.add("holdfast_plans_total", .counter, "Plans made.", facts.passes)
        text.add(
            "holdfast_failures_total", .counter, "Failures, by what failed.",
            facts.failures.sorted { $0.key < $1.key }.map { ([("kind", $0.key)], "\($0.value)") })
        text.add(
            "holdfast_actions_total", .counter, "Actions carried out.",
            facts.actions.map { ([("verb", $0.verb), ("reason", $0.reason)], "\($1)") }
                .sorted { $0.0.map(\.1).joined() < $1.0.map(\.1).joined() })
        if let last = facts.lastPass {
            text.add(
                "holdfast_last_plan_timestamp_seconds", .gauge, "When the last plan was made.",
                Int(last.milliseconds / 1000))
        }
        add(facts.plan, to: &text)
        text.add(
            "holdfast_instances", .gauge, "Machines that bear the scope's tag.",
            StatusBoard.counts(facts.instances) {
                [
                    ("state", $0.state.rawValue), ("market", $0.market.rawValue),
                    ("region", $0.region),
                ]
            })
        return text.text
    }

    private func add(_ plan: Plan?, to text: inout MetricsText) {
        guard let plan else { return }
        text.add(
            "holdfast_runs", .gauge, "Runs, by phase.",
            StatusBoard.counts(plan.phases) { [("phase", $0.phase.name)] })
        text.add(
            "holdfast_blocked_actions", .gauge, "Actions that the fuse holds back.",
            plan.blocked.count)
        text.add(
            "holdfast_foreign_instances", .gauge,
            "Machines that bear the scope's tag and are not ours.", plan.foreign.count)
        if let cost = plan.cost {
            text.add(
                "holdfast_cost_dollars_per_hour", .gauge,
                "What the scope's machines cost, as far as prices are known.",
                [(labels: [], value: "\(cost.now)")])
        }
    }

    private static func counts<Element>(
        _ elements: [Element], _ labels: (Element) -> [(String, String)]
    ) -> [(labels: [(String, String)], value: String)] {
        let groups = Dictionary(grouping: elements) { element in
            labels(element).map { "\($0.0)\u{0}\($0.1)" }
        }
        return groups.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { key, group in
            (labels: group.first.map(labels) ?? [], value: "\(group.count)")
        }
    }
}
