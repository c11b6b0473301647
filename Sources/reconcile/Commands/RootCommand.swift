import ArgumentParser

/// `reconcile`: without a subcommand it reconciles, see `ReconcileCommand`.
struct RootCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Keeps model training running on machines that are taken away.",
        usage: """
            reconcile --once [--wait <span>] [<options>]
            reconcile [<options>]
            reconcile <subcommand> [<options>]
            """,
        discussion: """
            Compares the training manifests of a Git repository with what really runs, and \
            launches, resumes, drains, stops and terminates machines until the two match. \
            `reconcile` goes on until it is stopped, `reconcile --once` applies once; both are \
            described by `reconcile run --help`.

            Settings come from flags, then from HOLDFAST_* variables (HOLDFAST_REPO for --repo), \
            then from holdfast.yaml in the current folder.
            """,
        version: ProgramVersion.text,
        groupedSubcommands: [
            CommandGroup(
                name: "Reconcile",
                subcommands: [ReconcileCommand.self, PlanCommand.self, ApproveCommand.self]),
            CommandGroup(
                name: "Look",
                subcommands: [
                    StatusCommand.self, ExplainCommand.self, HistoryCommand.self,
                    EventsCommand.self, CheckpointsCommand.self, LogsCommand.self,
                ]),
            CommandGroup(
                name: "Act",
                subcommands: [ResumeCommand.self, TeardownCommand.self, LocalCommand.self]),
            CommandGroup(
                name: "Set up", subcommands: [InitCommand.self, DoctorCommand.self]),
            CommandGroup(
                name: "Write manifests",
                subcommands: [ValidateCommand.self, SimulateCommand.self, SchemaCommand.self]),
        ],
        defaultSubcommand: ReconcileCommand.self)

    @OptionGroup var common: CommonOptions
}

/// The version that `reconcile --version` shows.
enum ProgramVersion {
    static let text = "0.1.0"
}
