import ArgumentParser

/// `reconcile checkpoints RUN`.
struct CheckpointsCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoints",
        abstract: "List the committed checkpoints of a run, and which one is next.")

    @Argument(help: "The run.")
    var run: RunArgument

    @OptionGroup var common: CommonOptions

    func perform(in workplace: Workplace) async throws(CommandFailure) -> ExitReason {
        let reader = try await Wiring(workplace).recordReader()
        let observed = try await reader.observeKnown(run.name)
        workplace.output.show(
            CheckpointsView(
                run: run.name, checkpoints: CheckpointStanding.standings(of: observed)))
        return .success
    }
}
