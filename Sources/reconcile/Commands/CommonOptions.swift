import ArgumentParser

/// Which commit is desired.
struct SourceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The repository: an https:, http: or file: URL, or a path.",
            discussion: "Default: the repository you stand in.", valueName: "url|path"))
    var repo: String?

    @Option(
        help: ArgumentHelp(
            "The branch, tag or commit.", discussion: "Default: the repository's own branch."))
    var ref: String?

    @Option(
        help: ArgumentHelp(
            "The folder of the manifests.", discussion: "Default: manifests.",
            valueName: "folder"),
        completion: .directory)
    var path: String?
}

/// Where machines and records are.
struct PlaceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where machines come from: ec2 or local.",
            discussion: "`local` runs what the manifests say on this machine."),
        completion: .list(["ec2", "local"]))
    var provider: String?

    @Option(
        help: ArgumentHelp(
            "Where all records and checkpoints are.",
            discussion: "Default: the policy's `state`; with local a folder per repository, "
                + "below ~/.local/state/holdfast.", valueName: "s3://…|folder"),
        completion: .directory)
    var state: String?

    @Option(
        help: ArgumentHelp(
            "The agent that runs on each machine.",
            discussion: "Default: reconcile-agent beside this program.", valueName: "file"),
        completion: .file())
    var agent: String?

    @Option(
        help: ArgumentHelp(
            "Prices on demand, in lines such as `eu-west-1 g5.xlarge 1.123`.",
            discussion: "They go before the table of us-east-1 that this program has.",
            valueName: "file"),
        completion: .file())
    var prices: String?
}

/// How results are shown.
struct OutputOptions: ParsableArguments {
    @Option(
        name: [.customShort("o"), .long], help: "How results are shown: text, wide or json.")
    var output: Output.Format = .text

    @Flag(name: .customLong("no-color"), help: "No colour, as with NO_COLOR in the environment.")
    var isColourless = false
}

extension Output.Format: ExpressibleByArgument {}

/// The options of every command.
struct CommonOptions: ParsableArguments {
    @OptionGroup(title: "Source") var source: SourceOptions
    @OptionGroup(title: "Place") var place: PlaceOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    /// What was said by flags.
    var settings: [SettingKey: String] {
        let given: [(SettingKey, String?)] = [
            (.repo, source.repo), (.ref, source.ref), (.path, source.path),
            (.provider, place.provider), (.state, place.state), (.agent, place.agent),
            (.prices, place.prices),
        ]
        return given.reduce(into: [:]) { result, pair in result[pair.0] = pair.1 }
    }
}
