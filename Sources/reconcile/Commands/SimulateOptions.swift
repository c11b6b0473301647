import ArgumentParser
import Simulation
import Training

/// What the market is like.
struct MarketOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "calm, busy or storm: how often pools of spot machines dry up.",
            discussion: "Default: busy."),
        completion: .list(Weather.allCases.map(\.rawValue)))
    var weather: Weather?

    @Option(
        help: ArgumentHelp(
            "Replay the traces of this folder instead.", valueName: "folder"),
        completion: .directory)
    var trace: String?

    @Option(
        help: ArgumentHelp(
            "What a 1 means in the traces: available or preempted.",
            discussion: "Publications use both, so there is no default."),
        completion: .list(TraceFile.Sense.allCases.map(\.rawValue)))
    var sense: TraceFile.Sense?

    @Option(
        name: .customLong("trace-prices"),
        help: ArgumentHelp(
            "Spot prices of the traces, one for each look, as JSON.",
            discussion: #"By the names of their files: {"us-east-1a_v100_1": [1.2, 1.3]}."#,
            valueName: "file"),
        completion: .file())
    var tracePrices: String?

    func validate() throws {
        guard trace != nil else {
            guard sense == nil, tracePrices == nil else {
                throw ValidationError("--sense and --trace-prices need --trace")
            }
            return
        }
        guard weather == nil else { throw ValidationError("give --weather or --trace, not both") }
        guard sense != nil else {
            throw ValidationError(
                "--trace needs --sense: `available` where a 1 means that there was room, "
                    + "`preempted` where it means that there was none")
        }
    }
}

/// What a simulation must be told.
struct HabitOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The training that a run needs, undisturbed.",
            discussion: "Default: 24h. Again with a name for one run: --compute letters=6h.",
            valueName: "span|run=span"))
    var compute: [ComputeArgument] = []

    @Option(
        help: ArgumentHelp(
            "How long a trainer stands still to save.", discussion: "Default: 30s.",
            valueName: "span"))
    var save: SpanArgument?

    @Option(
        help: ArgumentHelp(
            "What setup and mounts take on a new machine.", discussion: "Default: 5m.",
            valueName: "span"))
    var setup: SpanArgument?

    func validate() throws {
        if compute.contains(where: { $0.span.count == 0 }) {
            throw ValidationError("--compute must be longer than 0")
        }
        if compute.filter({ $0.run == nil }).count > 1 {
            throw ValidationError("--compute without a run was given twice")
        }
    }

    var habits: ForecastQuestion.Habits {
        var habits = ForecastQuestion.Habits()
        for argument in compute {
            if let run = argument.run {
                habits.computes[run] = argument.span
            } else {
                habits.compute = argument.span
            }
        }
        if let save { habits.saving = save.span }
        if let setup { habits.setup = setup.span }
        return habits
    }
}

extension Weather: ExpressibleByArgument {}
extension TraceFile.Sense: ExpressibleByArgument {}

/// A span for every run, `24h`, or for one, `letters=6h`.
struct ComputeArgument: ExpressibleByArgument, Sendable {
    var run: RunName?
    var span: Seconds

    init?(argument: String) {
        let parts = argument.split(separator: "=", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let last = parts.last,
            let span = SpanText.seconds(String(last))
        else { return nil }
        self.span = span
        guard parts.count == 2 else { return }
        guard let run = RunName(String(parts[0])) else { return nil }
        self.run = run
    }
}
