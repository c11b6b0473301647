import ArgumentParser
import Planning
import Reconciliation
import Training

/// `reconcile explain RUN`.
struct ExplainCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tell the whole story of one run: what is, why, and what to do.")

    @Argument(help: "The run.")
    var run: RunArgument

    @OptionGroup var common: CommonOptions

    func perform(in workplace: Workplace) async throws(CommandFailure) -> ExitReason {
        let session = try await Wiring(workplace).session()
        let result = await session.plan()
        let name = run.name
        let fleet = await session.manifests.latest?.fleet
        let declared = fleet?.runs.first { $0.spec.name == name }?.spec
        var records =
            declared == nil
            ? try await session.reader.observeKnown(name) : try await session.reader.observe(name)
        if let attempt = records.ledger?.attempts.last?.number {
            records.heartbeats = try await session.reader.heartbeat(of: name, attempt: attempt)
        }
        workplace.output.show(
            ExplainView(
                explanation: Explanation(
                    run: name, declared: declared, revision: fleet?.revision, plan: result.plan,
                    records: records,
                    instances: result.instances.filter { $0.run == name }.sorted { $0.id < $1.id }))
        )
        workplace.output.show(result.diagnostics)
        for failure in await session.failures(of: result) { workplace.output.fail(failure) }
        return result.problems.isEmpty ? .success : .error
    }
}
