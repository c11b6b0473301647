import ArgumentParser

/// `reconcile history RUN`.
struct HistoryCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract:
            "Tell the attempts of a run: why each began, where, how far it came, why it ended.",
        discussion: """
            What was lost is at most the training between the last committed checkpoint and the \
            end; the cost is at most the price that was known at the launch, for as long as the \
            attempt was open. Volumes, traffic and requests are not counted.
            """)

    @Argument(help: "The run.")
    var run: RunArgument

    @OptionGroup var common: CommonOptions

    func perform(in workplace: Workplace) async throws(CommandFailure) -> ExitReason {
        let reader = try await Wiring(workplace).recordReader()
        let observed = try await reader.observeKnown(run.name)
        let stories = AttemptStory.stories(
            of: observed, older: try await reader.history(of: run.name),
            at: try await reader.serverTime())
        workplace.output.show(HistoryView(run: run.name, attempts: stories))
        return .success
    }
}
