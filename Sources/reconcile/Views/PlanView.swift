import Planning
import Reconciliation
import Training

/// A plan: drift first, then one line an action with its reason, then the totals.
struct PlanView: View {
    var plan: Plan
    /// Set when the plan is not carried out, with the reason: a revision that is held.
    var heldBecause: String?
    /// The manifests could not be read: the plan only keeps alive what was applied last.
    var isHealing: Bool

    init(_ plan: Plan, heldBecause: String? = nil, isHealing: Bool = false) {
        self.plan = plan
        self.heldBecause = heldBecause
        self.isHealing = isHealing
    }

    /// The first or the last plan of a pass.
    init(_ plan: Plan, of result: ReconcileResult) {
        self.init(plan, heldBecause: result.held, isHealing: result.revision == nil)
    }

    var document: PlanDocument { PlanDocument(plan) }

    func text(_ style: TextStyle) -> String {
        var parts: [String] = []
        parts += section("Drift:", drift, style)
        if !plan.visibleActions.isEmpty {
            parts.append(Self.table(plan.visibleActions).text(style))
        }
        parts += section("Blocked by the fuse:", Self.table(plan.blocked, indent: 2), style)
        parts += section("Left alone:", leftAlone, style)
        parts.append(conclusion(style))
        return parts.joined(separator: "\n\n")
    }

    private func section(_ title: String, _ table: Table, _ style: TextStyle) -> [String] {
        table.rows.isEmpty ? [] : [style.paint(title, .bold) + "\n" + table.text(style)]
    }

    private var drift: Table {
        Table(
            header: [],
            rows: plan.drift.map { [Table.Cell($0.subject, .yellow), Table.Cell($0.message)] },
            wraps: true, indent: 2)
    }

    /// What is neither in sync nor simply done, and why nothing happens to it.
    private var leftAlone: Table {
        let noteworthy = plan.inactions.filter { !$0.reason.isUnremarkable }
        return Table(
            header: [],
            rows: noteworthy.map { [Table.Cell($0.run.text), Table.Cell("\($0.reason)")] },
            wraps: true, indent: 2)
    }

    static func table(_ actions: [PlannedAction], indent: Int = 0) -> Table {
        Table(
            header: [],
            rows: actions.map { action in
                [
                    Table.Cell("\(action.verb.glyph) \(action.verb.rawValue)", action.verb.colour),
                    Table.Cell(action.run.text),
                    Table.Cell("\(action.reason)" + (machine(of: action).map { "; \($0)" } ?? "")),
                ]
            },
            wraps: true, indent: indent)
    }

    /// Type, market, zone and price of the machine that is asked for.
    private static func machine(of action: PlannedAction) -> String? {
        guard let offering = action.offering else { return nil }
        let pool = offering.pool
        return "\(pool.instanceType) \(pool.market.rawValue) in \(pool.zone)"
            + (offering.price.map { " at $\($0) an hour" } ?? "")
    }

    private func conclusion(_ style: TextStyle) -> String {
        var lines: [String] = []
        if plan.visibleActions.isEmpty && plan.blocked.isEmpty {
            let isQuiet = plan.inactions.allSatisfy(\.reason.isSettled)
            let verdict =
                isHealing
                ? style.paint("The manifests could not be read.", .yellow)
                : style.paint("No changes.", .green)
            let wanted =
                (isHealing ? "what was applied last, at " : "the manifests at ")
                + "\(plan.revision)."
            lines.append(
                verdict
                    + (isQuiet
                        ? " Instances match \(wanted)"
                        : " Work is under way towards \(wanted)"))
        } else {
            lines.append(style.paint("Plan:", .bold) + " \(totals)\(blocked).")
        }
        if let cost = plan.cost {
            lines.append("Machines: $\(cost.now) an hour now, $\(cost.after) after this plan.")
        }
        if !plan.blocked.isEmpty {
            lines.append(
                "The fuse allows \(plan.fuse.allowed) an hour: \(plan.fuse.spent) spent, "
                    + "\(plan.fuse.asked) asked for. To allow exactly these: "
                    + "reconcile approve \(plan.id)")
        }
        if let heldBecause {
            lines.append(
                "Not applied: \(heldBecause). To apply it all the same: "
                    + "reconcile --once --allow-rollback")
        }
        return lines.map { style.wrapped($0, indent: 0) }.joined(separator: "\n")
    }

    private var blocked: String {
        plan.blocked.isEmpty ? "" : "; \(plan.blocked.count) blocked"
    }

    /// Launch, resume, stop and terminate always; the others when there are any.
    private var totals: String {
        let counts = Dictionary(
            plan.visibleActions.map { ($0.verb, 1) }, uniquingKeysWith: +)
        let always: Set<PlannedAction.Verb> = [.launch, .resume, .stop, .terminate]
        let first: [PlannedAction.Verb] = [.launch, .resume, .stop, .terminate]
        let others = PlannedAction.Verb.allCases.filter { !always.contains($0) }
        return (first + others).compactMap { verb in
            let count = counts[verb, default: 0]
            return count > 0 || always.contains(verb) ? "\(count) to \(verb.rawValue)" : nil
        }.joined(separator: ", ")
    }
}

extension PlannedAction.Verb {
    var glyph: String {
        switch self {
        case .launch, .resume, .start: "+"
        case .relaunch: "±"
        case .reconfigure: "~"
        case .stop, .terminate, .retire: "-"
        case .record: "."
        }
    }

    var colour: TextStyle.Colour? {
        switch self {
        case .launch, .resume, .start: .green
        case .relaunch, .reconfigure: .yellow
        case .stop, .terminate, .retire: .red
        case .record: nil
        }
    }
}

extension InactionReason {
    /// As the manifests want it, or shown elsewhere: not worth a line in a plan.
    var isUnremarkable: Bool {
        switch self {
        case .inSync, .completed, .declaredStopped, .declaredTerminated: true
        // The blocked actions themselves are shown.
        case .terminationLimit: true
        default: false
        }
    }
}
