import Planning
import Reconciliation
import Training

/// One pass of `--once`: the plan as it began, and what came of it.
struct PassView: View {
    var result: ReconcileResult
    /// Convergence was waited for, and did not come.
    var isLate: Bool
    var exit: ExitReason

    struct Document: Encodable {
        var kind = "Pass"
        var version = 1
        /// What was to be done when the pass began.
        var plan: PlanDocument?
        /// Where every run stood at its end.
        var phases: [PhaseDocument]
        var applied: [PlanDocument.Action]
        var isConverged: Bool
        var revision: Revision?
        var appliedRevision: Revision?
        var held: String?
        var diagnostics: [Diagnostic]
        var problems: [String]
        var exitCode: Int32
    }

    var document: Document {
        Document(
            plan: result.firstPlan.map { PlanDocument($0) },
            phases: result.plan?.phases.map(PhaseDocument.init) ?? [],
            applied: result.applied.map(PlanDocument.Action.init),
            isConverged: result.isConverged, revision: result.revision,
            appliedRevision: result.appliedRevision, held: result.held,
            diagnostics: result.diagnostics, problems: result.problems,
            exitCode: exit.rawValue)
    }

    func text(_ style: TextStyle) -> String {
        var parts: [String] = []
        if let plan = result.firstPlan {
            parts.append(PlanView(plan, of: result).text(style))
        }
        if !result.applied.isEmpty {
            let actions = PlanView.table(result.distinctlyApplied, indent: 2).text(style)
            parts.append(style.paint("Applied:", .bold) + "\n" + actions)
        }
        if let rest = waiting(style) { parts.append(rest) }
        return parts.joined(separator: "\n\n")
    }

    /// What is not there yet when the pass ends.
    private func waiting(_ style: TextStyle) -> String? {
        guard let plan = result.plan, !result.isConverged else { return nil }
        let open = plan.inactions.filter {
            !$0.reason.isSettled && !$0.reason.isUnremarkable
        }
        guard !open.isEmpty else { return isLate ? "Not converged in time." : nil }
        let table = Table(
            header: [],
            rows: open.map { [Table.Cell($0.run.text), Table.Cell("\($0.reason)")] },
            wraps: true, indent: 2)
        return (isLate ? style.paint("Not converged in time:", .yellow) : "Under way:") + "\n"
            + table.text(style)
    }
}
