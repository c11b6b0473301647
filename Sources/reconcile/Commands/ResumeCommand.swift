import ArgumentParser
import Planning
import Training

/// `reconcile resume RUN [--from CHECKPOINT]`.
struct ResumeCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Let a run that is held or has failed go on.",
        discussion: """
            Its failures so far no longer count. The next pass launches it, from the newest valid \
            checkpoint or from the one that is named.
            """)

    @Argument(help: "The run.")
    var run: RunArgument

    @Option(
        name: .customLong("from"),
        help: ArgumentHelp(
            "The checkpoint to go on from, as `reconcile checkpoints` shows it.",
            valueName: "checkpoint"))
    var checkpoint: CheckpointArgument?

    @OptionGroup var common: CommonOptions

    func perform(in workplace: Workplace) async throws(CommandFailure) -> ExitReason {
        let reader = try await Wiring(workplace).recordReader()
        let observed = try await reader.observeKnown(run.name)
        if let wanted = checkpoint?.id {
            guard observed.index?.checkpoints.contains(where: { $0.id == wanted }) == true else {
                throw CommandFailure(
                    "\(run.name) has no checkpoint \(wanted)",
                    advice: "`reconcile checkpoints \(run.name)` lists them")
            }
        }
        let now = try await reader.serverTime()
        let from = checkpoint?.id
        try await reader.change(Ledger.self, at: StoreLayout.ledger(run.name)) {
            (ledger: inout Ledger) throws(CommandFailure) in
            try ledger.resume(from: from, at: now)
        }
        workplace.output.show(
            MessageView(
                result: "Resumed",
                message: "\(run.name) goes on from "
                    + (from.map { "\($0)" } ?? "its newest valid checkpoint")
                    + " with the next pass; `reconcile --once` makes one."))
        return .success
    }
}
