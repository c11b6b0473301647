import ArgumentParser
import Manifests

/// `reconcile schema`.
struct SchemaCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of the manifests.",
        discussion: """
            Draft 2020-12, for editors and CI. An editor with the YAML language server checks a \
            manifest against it after: \
            # yaml-language-server: $schema=holdfast.schema.json
            """)

    @OptionGroup var common: CommonOptions

    func perform(in workplace: Workplace) async throws(CommandFailure) -> ExitReason {
        workplace.output.pass(ManifestSchema.bytes())
        return .success
    }
}
