import Planning
import Simulation
import Training

/// `simulate -o json`: a frozen surface.
///
/// Spans are in seconds, amounts in US dollars.
struct ForecastDocument: Encodable, Hashable, Sendable {
    struct Zone: Encodable, Hashable, Sendable {
        var zone: String
        /// Of the span, 0…1.
        var available: Double
        /// How often its room ended.
        var endings: Int
    }

    struct Run: Encodable, Hashable, Sendable {
        var run: RunName
        var phase: PhaseDocument?
        var attempts: Int
        var machines: Int
        var interruptionsWithNotice: Int
        var interruptionsWithoutNotice: Int
        var neededCompute: Int
        var doneCompute: Int
        var redoneCompute: Int
        /// How long a trainer was alive.
        var trained: Int64
        var spotTime: Int64
        var onDemandTime: Int64
        var spotCost: Dollars
        var onDemandCost: Dollars
        var completedAfter: Int64?
        /// The same run on demand, undisturbed.
        var undisturbedCompletedAfter: Int64?
        /// For the progress that was made.
        var undisturbedCost: Dollars?
    }

    struct Event: Encodable, Hashable, Sendable {
        var kind: String
        var count: Int
    }

    var kind = "Forecast"
    var version = 1
    var seed: UInt64
    var span: Int
    /// Nil: traces were replayed.
    var weather: String?
    var zones: [Zone]
    var runs: [Run]
    var cost: Dollars
    var undisturbedCost: Dollars
    var events: [Event]
    var brokenPromises: [String]
    var assumptions: [String]
    /// Where it was asked for.
    var timeline: [String]?

    init(
        _ question: ForecastQuestion, _ result: ForecastResult, assumptions: [String],
        timeline: [String]?
    ) {
        seed = question.seed
        span = question.span.count
        zones = []
        switch question.sky {
        case .weather(let weather): self.weather = weather.rawValue
        case .traces(let traces):
            let span = question.span.milliseconds
            zones = traces.filter { question.regions.contains($0.region) }.map {
                Zone(
                    zone: $0.zone, available: $0.share(of: span),
                    endings: $0.endings(within: span))
            }
        }
        runs = result.runs.map(Run.init)
        cost = Figure.rounded(result.cost)
        undisturbedCost = Figure.rounded(result.costOnDemand)
        events = result.events.rows.map { Event(kind: $0.name, count: $0.count) }
        brokenPromises = result.verdict.broken.map(\.description)
        self.assumptions = assumptions
        self.timeline = timeline
    }
}

extension ForecastDocument.Run {
    init(_ run: ForecastResult.Run) {
        self.init(
            run: run.name, phase: run.phase.map(PhaseDocument.init), attempts: run.story.attempts,
            machines: run.story.machines, interruptionsWithNotice: run.story.noticed,
            interruptionsWithoutNotice: run.story.sudden, neededCompute: run.story.needed,
            doneCompute: run.story.progress, redoneCompute: run.story.redone,
            trained: run.story.trained / 1000, spotTime: run.spot.time / 1000,
            onDemandTime: run.onDemand.time / 1000, spotCost: Figure.rounded(run.spot.cost),
            onDemandCost: Figure.rounded(run.onDemand.cost),
            completedAfter: run.took.map { $0 / 1000 },
            undisturbedCompletedAfter: run.undisturbed.took.map { $0 / 1000 },
            undisturbedCost: run.undisturbed.cost.map(Figure.rounded))
    }
}
