import ArgumentParser
import Manifests
import Simulation
import Training

/// `reconcile simulate [FILE...]`.
struct SimulateCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Show what would become of the manifests on spot, and what it would cost.",
        discussion: """
            The manifests are read as `validate` reads them, and run in a simulated EC2 on virtual \
            time, by the same reconciler and the same agents. Nothing is launched, no account and \
            no provider is asked. Nothing goes wrong but what the market does: its weather, or \
            with --trace what was once seen of it. One seed gives one answer.

            A trace is a folder with one file for each zone, named after it (us-east-1a.csv or \
            us-east-1a_v100_1.csv): CSV with the header date,availability, or JSON such as \
            {"metadata": {"gap_seconds": 600}, "data": [0, 1], "prices": [1.2, 1.3]}. A number is \
            1 or 0, or with --sense available how many machines there are. The simulation ends \
            where a trace does.

            Exit codes: 0 shown; 1 error, or Holdfast broke a promise.
            """)

    @Argument(
        help: ArgumentHelp("Files or folders of manifests.", valueName: "file"),
        completion: .file())
    var files: [String] = []

    @OptionGroup(title: "Market") var market: MarketOptions
    @OptionGroup(title: "What no manifest says") var habits: HabitOptions

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp(
            "How long, from 1h to 90d.", discussion: "Default: 7d.", valueName: "span"))
    var span: SpanArgument?

    @Option(help: "What all chance comes from.")
    var seed: UInt64 = 1

    @Flag(help: "Also show what happened, event by event.")
    var timeline = false

    @Option(help: ArgumentHelp("With --timeline: only of this run.", valueName: "run"))
    var run: RunArgument?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if let span, !(Seconds.hours(1)...Seconds.hours(90 * 24)).contains(span.span) {
            throw ValidationError("--for must be from 1h to 90d")
        }
        if run != nil, !timeline { throw ValidationError("--run needs --timeline") }
    }

    func perform(in workplace: Workplace) async throws(CommandFailure) -> ExitReason {
        let wiring = Wiring(workplace)
        let decoded = ManifestDecoder.decode(
            files: try await wiring.manifests(files, of: common.source))
        workplace.output.show(decoded.diagnostics)
        guard decoded.diagnostics.isEmpty else { return .error }
        let rehearsal = try Rehearsal(
            decoded, market: market, habits: habits, span: span?.span ?? .hours(7 * 24),
            seed: seed, wiring: wiring, in: workplace)
        guard rehearsal.problems.isEmpty else {
            workplace.output.show(rehearsal.problems)
            return .error
        }
        for warning in rehearsal.warnings { workplace.output.warn(warning) }
        if let name = run?.name, !decoded.runs.contains(where: { $0.spec.name == name }) {
            throw CommandFailure("no manifest declares a run \(name)")
        }
        let result = rehearsal.forecast.made(keepsTimeline: timeline)
        workplace.output.show(
            ForecastView(
                question: rehearsal.forecast.question, result: result,
                assumptions: rehearsal.assumptions, run: run?.name))
        for broken in result.verdict.broken {
            workplace.output.fail(
                CommandFailure(
                    "a promise was broken, with seed \(seed): \(broken)",
                    advice: "this is a mistake of Holdfast: please report it with the seed"))
        }
        return result.verdict.broken.isEmpty ? .success : .error
    }
}
