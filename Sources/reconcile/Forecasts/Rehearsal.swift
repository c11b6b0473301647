import AWS
import Local
import Manifests
import Simulation
import Training

/// What `simulate` was asked, made ready: the forecast, and all that it takes for granted.
struct Rehearsal {
    /// A forecast of more takes too long to wait for.
    private static let mostRunDays = 5000
    /// Run-days that are done within a minute or so.
    private static let quickRunDays = 300
    private static let home = "us-east-1"

    let forecast: Forecast
    /// Why no forecast can be made.
    private(set) var problems: [Diagnostic] = []
    private(set) var warnings: [String] = []
    let assumptions: [String]

    init(
        _ decoded: DecodedManifests, market: MarketOptions, habits: HabitOptions, span: Seconds,
        seed: UInt64, wiring: Wiring, in workplace: Workplace
    ) throws(CommandFailure) {
        guard !decoded.runs.isEmpty else {
            throw CommandFailure("no run is declared", advice: "`reconcile validate` shows more")
        }
        guard decoded.runs.count * span.count <= Self.mostRunDays * 86_400 else {
            throw CommandFailure(
                "\(decoded.runs.count) runs for \(span) are too much to simulate",
                advice: "choose fewer runs, or a shorter span with --for")
        }
        if decoded.runs.count * span.count > Self.quickRunDays * 86_400 {
            workplace.output.note("Simulating \(decoded.runs.count) runs takes some minutes.")
        }
        let habits = habits.habits
        let declared = Set(decoded.runs.map(\.spec.name))
        if let unknown = habits.computes.keys.sorted().first(where: { !declared.contains($0) }) {
            throw CommandFailure("--compute: no manifest declares a run \(unknown)")
        }
        let traces = try Self.traces(market, workplace)
        var policy = ScopePolicy()
        if case .declared(let value) = decoded.policy { policy = value }
        var question = ForecastQuestion(
            runs: decoded.runs.map(\.spec), policy: policy, profiles: decoded.profiles,
            sky: traces.map { .traces($0) } ?? .weather(market.weather ?? .busy), seed: seed,
            span: span, prices: [:],
            region: wiring.usualRegion ?? traces?.first?.region ?? Self.home,
            now: SystemClock().now())
        question.interval = workplace.configuration.interval
        question.habits = habits
        if let traces {
            let used = traces.filter { question.regions.contains($0.region) }
            let shortest = used.map(\.span).min().map { Seconds(Int($0 / 1000)) }
            if let shortest, shortest < span {
                warnings.append("the traces cover \(shortest): the simulation ends there")
                question.span = shortest
            }
        }
        let table = try wiring.prices()
        let borrowed = Self.price(&question, by: table)
        forecast = Forecast(question)
        let places = Dictionary(
            uniqueKeysWithValues: decoded.runs.map {
                ($0.spec.name, $0.places["resources"] ?? $0.location)
            })
        problems = forecast.problems.map { Diagnostic(at: places[$0.run], $0.message) }
        assumptions =
            Assumptions(
                forecast: forecast, borrowed: borrowed, usualRegion: wiring.usualRegion
            ).lines
        warnings += Self.dearTraces(forecast)
    }

    private static func traces(
        _ market: MarketOptions, _ workplace: Workplace
    ) throws(CommandFailure) -> [AvailabilityTrace]? {
        guard let folder = market.trace, let sense = market.sense else { return nil }
        return try TraceFolder.read(
            folder, sense: sense, prices: market.tracePrices, in: workplace.surroundings)
    }

    /// Fills in the prices; gives the regions for which those of another one stand.
    private static func price(
        _ question: inout ForecastQuestion, by table: PriceTable
    ) -> [String] {
        let named = question.runs.flatMap { $0.resources.choices.compactMap(\.instanceType) }
        let types = Set(named).union(ForecastQuestion.knownTypes)
        var borrowed: Set<String> = []
        for region in question.regions {
            for type in types {
                let own = table.price(of: type, in: region)
                guard let price = own ?? table.price(of: type, in: home) else { continue }
                question.prices[region, default: [:]][type] = price
                if own == nil { borrowed.insert(region) }
            }
        }
        return borrowed.sorted()
    }

    /// Prices of another kind of machine would let no run start, and nobody would know why.
    private static func dearTraces(_ forecast: Forecast) -> [String] {
        guard case .traces(let traces) = forecast.question.sky else { return [] }
        return forecast.question.regions.sorted().flatMap { region in
            let cheapest = traces.filter { $0.region == region }
                .flatMap(\.changes).compactMap(\.price).min()
            return forecast.types(in: region).compactMap { type -> String? in
                guard let cheapest, let price = forecast.question.prices[region]?[type],
                    cheapest > price
                else { return nil }
                return "the spot prices of the traces are never below $\(price) an hour, the price "
                    + "of \(type) on demand: they seem to be those of another machine"
            }
        }
    }
}

extension Diagnostic {
    fileprivate init(at place: SourceLocation?, _ message: String) {
        self.init(.error, at: place, message)
    }
}
