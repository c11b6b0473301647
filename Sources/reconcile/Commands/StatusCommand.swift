import ArgumentParser
import Planning
import Reconciliation
import Training

/// `reconcile status`.
struct StatusCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show where every run stands, and how the scope fares.")

    @OptionGroup var common: CommonOptions

    func perform(in workplace: Workplace) async throws(CommandFailure) -> ExitReason {
        let session = try await Wiring(workplace).session()
        let result = await session.plan()
        let scope = try await session.reader.scope()
        workplace.output.show(
            StatusView(
                status: FleetStatus(
                    scope: scope?.scope ?? session.context.scope, owner: scope?.owner,
                    attempted: result.revision, applied: scope?.applied?.revision,
                    revisionHeld: result.held, plan: result.plan, instances: result.instances,
                    diagnostics: result.diagnostics, problems: result.problems)))
        workplace.output.show(result.diagnostics)
        for failure in await session.failures(of: result) { workplace.output.fail(failure) }
        return result.problems.isEmpty ? .success : .error
    }
}
