import ArgumentParser
import Manifests
import Training

/// `reconcile validate [FILE...]`.
struct ValidateCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check manifests; needs no provider and changes nothing.",
        discussion: """
            Without a file it checks the folder of the manifests (--path) as it lies in the work \
            tree you stand in, committed or not; with --repo or --ref as it is in that commit. \
            Every error of every file is shown as file:line:column. Where only some files are \
            named, a profile of a run may stand in another one.
            """)

    @Argument(
        help: ArgumentHelp("Files or folders to check.", valueName: "file"), completion: .file())
    var files: [String] = []

    @OptionGroup var common: CommonOptions

    func perform(in workplace: Workplace) async throws(CommandFailure) -> ExitReason {
        let found = try await Wiring(workplace).manifests(files, of: common.source)
        let decoded = ManifestDecoder.decode(files: found, isWhole: files.isEmpty)
        workplace.output.show(decoded.diagnostics)
        workplace.output.show(
            ValidationView(
                files: found.count, runs: decoded.runs.map(\.spec.name),
                diagnostics: decoded.diagnostics))
        return decoded.diagnostics.isEmpty ? .success : .error
    }
}
