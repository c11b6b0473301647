import Simulation
import Training

/// What a forecast takes for granted, in sentences for whoever reads its result.
struct Assumptions {
    let forecast: Forecast
    /// Regions for which the prices of us-east-1 stand.
    let borrowed: [String]
    /// Of the AWS configuration.
    let usualRegion: String?

    private var question: ForecastQuestion { forecast.question }
    private var runs: [RunSpec] { question.runs }

    var lines: [String] { trainers + market + account }

    private var trainers: [String] {
        let habits = question.habits
        var lines = [
            "a run needs \(habits.compute) of training (--compute)"
                + habits.computes.sorted { $0.key < $1.key }.map { ", \($0) \($1)" }.joined()
        ]
        if runs.contains(where: { $0.checkpoint != nil }) {
            lines.append(
                "a trainer saves each `checkpoint.every`, and when it is asked to stop; it takes "
                    + "\(habits.saving) (--save)")
        }
        let fast = runs.filter {
            $0.checkpoint.map { $0.every < habits.fastestSaves } ?? false
        }
        if !fast.isEmpty {
            lines.append(
                "\(names(fast)): saves each \(habits.fastestSaves), not more often")
        }
        let unsaved = runs.filter { $0.checkpoint == nil }
        if !unsaved.isEmpty {
            lines.append("\(names(unsaved)): no checkpoint is declared, so each attempt is anew")
        }
        if runs.contains(where: { $0.setup != nil || !$0.fileMounts.isEmpty }) {
            lines.append("setup and mounts take \(habits.setup) on a new machine (--setup)")
        }
        lines.append("a machine trains 25s to 90s after its launch; no training fails by itself")
        return lines
    }

    private var market: [String] {
        var lines: [String] = []
        switch question.sky {
        case .weather(let weather):
            lines.append(
                "the \(weather.rawValue) weather is made up, no forecast of a real region's")
            lines.append("spot costs 40% of the price on demand")
        case .traces(let traces):
            lines.append("what was seen of a zone holds for every type of machine there")
            let counts = traces.contains { $0.changes.contains { ($0.slots ?? 0) > 0 } }
            lines.append(
                counts
                    ? "each type has as many machines as the traces say"
                    : "where there is room, there is room for every run")
            let unseen = unseen(traces)
            if !unseen.isEmpty {
                lines.append(
                    "zones without a trace have no spot machines: " + unseen.joined(separator: ", ")
                )
            }
            lines.append("a machine that is taken has two minutes of notice; one in 20 has none")
            let unpriced = traces.filter { $0.changes.contains { $0.price == nil } }
            if !unpriced.isEmpty {
                lines.append(
                    "spot costs 40% of the price on demand in "
                        + unpriced.map(\.zone).joined(separator: ", "))
            }
        }
        if runs.contains(where: \.wantsSpot) {
            lines.append("a spot machine that EC2 takes within its first hour is free, as on EC2")
        }
        lines.append("on demand there is always room, and no quota is met")
        return lines
    }

    /// Zones that profiles name, in regions that were looked at.
    private func unseen(_ traces: [AvailabilityTrace]) -> [String] {
        let seen = Set(traces.map(\.zone))
        let regions = Set(traces.map(\.region)).intersection(question.regions)
        let named = Set(runs.compactMap(\.profile)).compactMap { question.profiles[$0] }
            .filter { regions.contains($0.region) }.flatMap(\.zones)
        return Set(named).subtracting(seen).sorted()
    }

    private var account: [String] {
        var lines: [String] = []
        let homeless = runs.contains { spec in
            spec.profile == nil && !spec.resources.choices.contains { $0.region != nil }
        }
        if homeless {
            lines.append(
                "runs without a profile go to \(question.region)"
                    + (usualRegion == nil ? " (AWS_REGION)" : ""))
        }
        for region in borrowed {
            lines.append("prices of us-east-1 stand for those missing of \(region) (--prices)")
        }
        lines.append("subnets, groups, images and keys exist; only machines cost")
        if runs.contains(where: { $0.suspend?.until != nil }) {
            lines.append("`suspend.until` is counted from now on")
        }
        return lines
    }

    private func names(_ runs: [RunSpec]) -> String {
        runs.map(\.name.text).joined(separator: ", ")
    }
}
