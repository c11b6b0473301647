import Planning
import Simulation
import Training

/// What would become of the runs, what it would cost, and what was taken for granted.
struct ForecastView: View {
    var question: ForecastQuestion
    var result: ForecastResult
    var assumptions: [String]
    /// The only run that the timeline tells of; nil: all.
    var run: RunName?

    var document: ForecastDocument {
        ForecastDocument(question, result, assumptions: assumptions, timeline: timeline)
    }

    func text(_ style: TextStyle) -> String {
        var parts = [style.wrapped(headline, indent: 0), runs.text(style)]
        if !waiting.rows.isEmpty {
            parts.append(style.paint("Not completed:", .bold) + "\n" + waiting.text(style))
        }
        parts.append(costs.text(style) + "\n" + style.wrapped(ideal, indent: 0))
        parts += section("Market:", market, style)
        parts += section("Events:", events, style)
        parts += section("Taken for granted:", list(assumptions), style)
        if let timeline {
            parts += [style.paint("Timeline:", .bold) + "\n" + timeline.joined(separator: "\n")]
        }
        parts.append(verdict(style))
        return parts.joined(separator: "\n\n")
    }

    private func section(_ title: String, _ table: Table, _ style: TextStyle) -> [String] {
        table.rows.isEmpty ? [] : [style.paint(title, .bold) + "\n" + table.text(style)]
    }

    private func list(_ lines: [String]) -> Table {
        Table(
            header: [], rows: lines.map { [Table.Cell("-"), Table.Cell($0)] }, wraps: true,
            indent: 2)
    }

    private var headline: String {
        let done = result.runs.count { $0.story.completedAt != nil }
        let sky =
            switch question.sky {
            case .weather(let weather): "\(weather.rawValue) weather"
            case .traces: "replayed traces"
            }
        let count = result.runs.count
        return "\(count) run\(count == 1 ? "" : "s") for \(Figure.days(question.span)) of \(sky), "
            + "seed \(question.seed): \(done) completed, for $\(Figure.cents(result.cost))."
    }

    private var runs: Table {
        Table(
            header: ["RUN", "STATE", "ATTEMPTS", "TAKEN", "DONE", "REDONE", "TOOK", "IDEAL"],
            rows: result.runs.map { run in
                [
                    Table.Cell(run.name.text),
                    Table.Cell(run.phase?.phase.name ?? "Pending", run.phase?.phase.colour),
                    "\(run.story.attempts)", Table.Cell(taken(run.story)),
                    Table.Cell(Figure.percent(run.story.progress, of: run.story.needed)),
                    Table.Cell(Figure.span(run.redone)),
                    Table.Cell(run.took.map(Figure.span) ?? "-"),
                    Table.Cell(run.undisturbed.took.map(Figure.span) ?? "-"),
                ]
            })
    }

    private func taken(_ story: RunStory) -> String {
        let all = story.noticed + story.sudden
        return story.sudden == 0 ? "\(all)" : "\(all), \(story.sudden) sudden"
    }

    private var waiting: Table {
        Table(
            header: [],
            rows: result.runs.filter { $0.story.completedAt == nil }.map { run in
                [
                    Table.Cell(run.name.text),
                    Table.Cell(run.phase?.reason ?? "nothing was planned for it"),
                ]
            }, wraps: true, indent: 2)
    }

    private var costs: Table {
        let all = result.runs
        let total = [
            "all", Figure.span(all.map(\.spot.time).reduce(0, +)),
            Figure.span(all.map(\.onDemand.time).reduce(0, +)), "$" + Figure.cents(result.cost),
            "$" + Figure.cents(result.costOnDemand),
            Figure.saved(result.cost, of: result.costOnDemand),
        ]
        return Table(
            header: ["RUN", "SPOT", "ON DEMAND", "COST", "IDEAL", "SAVED"],
            rows: all.map { run in
                [
                    Table.Cell(run.name.text), Table.Cell(Figure.span(run.spot.time)),
                    Table.Cell(Figure.span(run.onDemand.time)),
                    Table.Cell("$" + Figure.cents(run.cost)),
                    Table.Cell(run.undisturbed.cost.map { "$" + Figure.cents($0) } ?? "-"),
                    Table.Cell(run.undisturbed.cost.map { Figure.saved(run.cost, of: $0) } ?? "-"),
                ]
            } + (all.count > 1 ? [total.map { Table.Cell($0, .bold) }] : []))
    }

    private var ideal: String {
        "IDEAL: on demand, disturbed by nobody, for the progress that was made."
    }

    /// What the replayed zones were like.
    private var market: Table {
        guard case .traces(let traces) = question.sky else { return Table(header: [], rows: []) }
        let span = question.span.milliseconds
        return Table(
            header: [],
            rows: traces.filter { question.regions.contains($0.region) }.map { trace in
                let share = Int((trace.share(of: span) * 100).rounded())
                return [
                    Table.Cell(trace.zone),
                    Table.Cell("room \(share)% of the time, gone \(trace.endings(within: span))×"),
                ]
            }, indent: 2)
    }

    private var events: Table {
        Table(
            header: [],
            rows: result.events.rows.map { [Table.Cell("\($0.count)"), Table.Cell($0.name)] },
            indent: 2)
    }

    private func verdict(_ style: TextStyle) -> String {
        let count = result.verdict.broken.count
        guard count > 0 else { return "No promise was broken." }
        let subject = count == 1 ? "1 promise was" : "\(count) promises were"
        return style.paint("\(subject) broken.", .red) + " Seed \(question.seed)."
    }

    /// The newest lines of the timeline, where one was kept.
    private var timeline: [String]? {
        result.timeline?.lines(
            about: run, until: result.end, limit: 10_000, withDetails: false)
    }
}

extension ForecastResult.Run {
    /// Training that was lost and made again, in milliseconds.
    var redone: Int64 { Int64(story.redone) * 1000 }

    /// US dollars.
    var cost: Double { spot.cost + onDemand.cost }
}

/// Numbers for people.
enum Figure {
    /// `45s`, `12m`, `26.3h` of milliseconds.
    static func span(_ milliseconds: Int64) -> String {
        switch milliseconds {
        case ..<120_000: return "\(milliseconds / 1000)s"
        case ..<7_200_000: return "\(milliseconds / 60_000)m"
        default:
            let tenths = (milliseconds + 180_000) / 360_000
            return "\(tenths / 10).\(tenths % 10)h"
        }
    }

    /// `7 days`, or the exact span where it is no whole number of days.
    static func days(_ span: Seconds) -> String {
        let days = span.count / 86_400
        guard days > 0, span.count % 86_400 == 0 else { return "\(span)" }
        return "\(days) day\(days == 1 ? "" : "s")"
    }

    /// Dollars with two places.
    static func cents(_ dollars: Double) -> String { rounded(dollars).description }

    static func rounded(_ dollars: Double) -> Dollars {
        Dollars(micros: Int((dollars * 100).rounded()) * 10_000)
    }

    /// Whole per cent, rounded down: 100 is only what is done.
    static func percent(_ part: Int, of whole: Int) -> String {
        whole > 0 ? "\(part * 100 / whole)%" : "-"
    }

    static func saved(_ cost: Double, of other: Double) -> String {
        other > 0 ? "\(Int(((1 - cost / other) * 100).rounded()))%" : "-"
    }
}
