import ArgumentParser
import Training

/// `reconcile events [RUN]`.
struct EventsCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Show what happened to the runs, the oldest first.",
        discussion: """
            Events are told from the records in the store, so that they are the same on every \
            machine: attempts, launches, claims, checkpoints, ends, approvals.
            """)

    @Argument(help: "Only this run; default: all.")
    var run: RunArgument?

    @Flag(name: [.customShort("f"), .long], help: "Go on showing new ones until interrupted.")
    var follow = false

    @OptionGroup var common: CommonOptions

    func perform(in workplace: Workplace) async throws(CommandFailure) -> ExitReason {
        let reader = try await Wiring(workplace).recordReader()
        guard follow else {
            workplace.output.show(EventsView(events: try await events(reader)))
            return .success
        }
        var shown: Set<RunEvent> = []
        try await Following.untilStopped { () async throws(CommandFailure) in
            let current = try await events(reader)
            for event in current where !shown.contains(event) {
                workplace.output.showNext(NextEventView(event: event))
            }
            // Only what still stands in the records can come again.
            shown = Set(current)
        }
        return .success
    }

    private func events(_ reader: RecordReader) async throws(CommandFailure) -> [RunEvent] {
        if let run {
            return RunEvent.events(of: run.name, in: try await reader.observeKnown(run.name))
        }
        var all = try await reader.scope().map { RunEvent.events(in: $0) } ?? []
        for run in try await reader.runs() {
            all += RunEvent.events(of: run, in: try await reader.observe(run))
        }
        return all.sorted()
    }
}
