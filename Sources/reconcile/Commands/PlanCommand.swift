import ArgumentParser
import Planning
import Reconciliation
import Training

/// `reconcile plan`.
struct PlanCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what would be done, and why; changes nothing.",
        discussion: """
            Exit codes: 0 nothing to do or a plan was made; 1 error; 2 there are changes \
            (--detailed-exitcode); 3 blocked by the fuse, a held revision or (--fail-on-held) a \
            held run.
            """)

    @Option(
        help: ArgumentHelp(
            "Also write the plan to a file for `reconcile --once --plan`.", valueName: "file"),
        completion: .file())
    var out: String?

    @OptionGroup var exit: ExitOptions
    @OptionGroup var common: CommonOptions

    func perform(in workplace: Workplace) async throws(CommandFailure) -> ExitReason {
        let session = try await Wiring(workplace).session()
        let result = await session.plan()
        workplace.output.show(result.diagnostics)
        for failure in await session.failures(of: result) { workplace.output.fail(failure) }
        guard let plan = result.plan else {
            guard result.problems.isEmpty else { return .error }
            throw CommandFailure("nothing could be planned")
        }
        if let out { try SavedPlan.write(plan, to: workplace.surroundings.absolute(out)) }
        workplace.output.show(PlanView(plan, of: result))
        return PassOutcome(result).exit(
            exit, changes: plan.visibleActions.contains { $0.verb != .retire })
    }
}
