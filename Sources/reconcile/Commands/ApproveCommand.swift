import ArgumentParser
import Planning
import Reconciliation
import Training

/// `reconcile approve PLAN`.
struct ApproveCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Allow one plan that the fuse holds back.",
        discussion: """
            The plan is named by its id, which stands for exactly its stops and terminations. \
            The leave holds for this plan at this revision, for an hour, once.
            """)

    @Argument(help: "The plan's id, as `reconcile plan` shows it.")
    var plan: String

    @OptionGroup var common: CommonOptions

    func perform(in workplace: Workplace) async throws(CommandFailure) -> ExitReason {
        let session = try await Wiring(workplace).session()
        let result = await session.plan()
        // What is planned without the manifests, say, is not what a person was shown.
        guard let current = result.plan, result.problems.isEmpty else {
            throw CommandFailure(
                result.problems.first ?? "there is no plan", advice: "`reconcile plan` shows more")
        }
        guard !current.blocked.isEmpty else {
            throw CommandFailure(
                "the fuse holds nothing back: there is nothing to approve",
                advice: "`reconcile --once` applies the plan")
        }
        guard current.id == plan else {
            throw CommandFailure(
                "the plan is not \(Plain.line(String(plan.prefix(40)))) any more",
                advice: "look at `reconcile plan`: it is \(current.id) now")
        }
        let now = try await session.reader.serverTime()
        try await session.reader.change(ScopeRecord.self, at: StoreLayout.scope) {
            (scope: inout ScopeRecord) throws(CommandFailure) in
            scope.approve(current.id, at: current.revision, now: now)
        }
        let until = now + ScopeRecord.Approval.lifetime
        workplace.output.show(
            MessageView(
                result: "Approved",
                message: "Plan \(current.id) at \(current.revision.short) is approved until "
                    + "\(until). The next pass carries it out."))
        return .success
    }
}
