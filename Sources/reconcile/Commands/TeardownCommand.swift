import ArgumentParser
import Checkpoints
import Planning
import Reconciliation
import Training

/// `reconcile teardown SCOPE`.
struct TeardownCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "teardown",
        abstract: "Drain and terminate every machine of a scope.",
        discussion: """
            Each trainer is asked to save first, as always. Checkpoints and records stay, unless \
            --delete-data is given. Stop a control node and remove the manifests as well: a \
            reconcile that still sees them launches their runs again.

            Exit codes: 0 nothing is left; 1 error; 4 not done within --wait, or a region could \
            not be read: then nothing is deleted either.
            """)

    @Argument(help: "The scope's name, as its policy declares it: so that no other one ends.")
    var scope: String

    @Option(help: ArgumentHelp("Wait at most this long (default 30m).", valueName: "span"))
    var wait: SpanArgument?

    @Flag(
        name: .customLong("delete-data"),
        help: "Once nothing is left, delete all checkpoints, logs and records of it, for good.")
    var deletesData = false

    @OptionGroup var common: CommonOptions

    func perform(in workplace: Workplace) async throws(CommandFailure) -> ExitReason {
        let session = try await Wiring(workplace).session()
        guard session.context.scope == scope else {
            throw CommandFailure(
                "the scope here is \(session.context.scope), not \(scope)",
                advice: "check --repo and --state, or name that scope")
        }
        let progress = ProgressLines()
        let output = workplace.output
        let goal = ReconcilerGoal(mode: .teardown(wait: wait?.span ?? .minutes(30)))
        let result = await session.run(goal, logger: OutputLog.silent) { occurrence in
            guard output.format != .json, let line = progress.text(of: occurrence) else { return }
            output.note(line)
        }
        for failure in await session.failures(of: result) { output.fail(failure) }
        guard result.problems.isEmpty, !session.wasStopped else { return .error }
        let ends = Teardown(scope: scope, result: result)
        guard ends.isComplete else {
            output.show(TeardownView(teardown: ends, data: deletesData ? .refused : .kept))
            return .notConverged
        }
        let data: TeardownView.Data =
            deletesData ? .deleted(objects: try await deleteEverything(session)) : .kept
        output.show(TeardownView(teardown: ends, data: data))
        return .success
    }

    /// The scope's record goes last: until then a second try knows what it works on.
    private func deleteEverything(
        _ session: FleetSession
    ) async throws(CommandFailure) -> Int {
        let store = session.records.store
        do {
            var count = 1
            // Never more than our own folders: the bucket may hold other things beside them.
            for folder in StoreLayout.folders {
                let objects = try await store.list(
                    prefix: folder, limit: RecordReader.objectLimit)
                for object in objects { try await store.delete(object.key) }
                count += objects.count
            }
            try await store.delete(StoreLayout.scope)
            return count
        } catch {
            throw CommandFailure(error.description)
        }
    }
}
