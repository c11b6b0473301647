package import Planning
package import Training

/// What a forecast comes to.
package struct ForecastResult: Sendable {
    /// Where one run stands at the end, and what it took.
    package struct Run: Hashable, Sendable {
        package var name: RunName
        /// Nil: no plan was made of it.
        package var phase: RunPhase?
        package var story: RunStory
        package var spot: Expense
        package var onDemand: Expense
        /// The same run on demand, undisturbed.
        package var undisturbed: Undisturbed
        /// Milliseconds from its declaration to its completion; nil: it has not completed.
        package var took: Int64?
    }

    /// Machine time on one market, and what it costs.
    package struct Expense: Hashable, Sendable {
        /// Milliseconds on the bill.
        package var time: Int64 = 0
        /// US dollars.
        package var cost = 0.0
    }

    package struct Undisturbed: Hashable, Sendable {
        /// Milliseconds from its declaration to its completion; nil: it had not completed.
        package var took: Int64?
        /// US dollars for as much progress as the run made on the market; nil: it made none.
        package var cost: Double?
    }

    /// Sorted by name.
    package let runs: [Run]
    package let verdict: Verdict
    /// Nil: none was kept.
    package let timeline: Timeline?
    package let end: Timestamp

    init(runs: [Run], verdict: Verdict, timeline: Timeline?, end: Timestamp) {
        self.runs = runs
        self.verdict = verdict
        self.timeline = timeline
        self.end = end
    }

    init(
        end: Timestamp, phases: [RunPhase], story: FleetStory, onDemand quiet: FleetStory,
        verdict: Verdict, timeline: Timeline?
    ) {
        let runs = story.runs.sorted { $0.key < $1.key }.map { name, run in
            let stays = story.stays.filter { $0.run == name }
            func expense(_ market: SimulatedMarket) -> Expense {
                stays.filter { $0.pool.market == market }.reduce(into: Expense()) {
                    $0.time += $1.span(until: end)
                    $0.cost += $1.cost
                }
            }
            return Run(
                name: name, phase: phases.first { $0.run == name }, story: run,
                spot: expense(.spot), onDemand: expense(.onDemand),
                undisturbed: Self.undisturbed(name, quiet, progress: run.progress),
                took: run.completedAt.map { $0.milliseconds - Scenario.start.milliseconds })
        }
        self.init(runs: runs, verdict: verdict, timeline: timeline, end: end)
    }

    /// A run that has not gone as far as the undisturbed one is measured by its share of it.
    private static func undisturbed(
        _ name: RunName, _ story: FleetStory, progress: Int
    ) -> Undisturbed {
        guard let run = story.runs[name] else { return Undisturbed() }
        let cost = story.stays.filter { $0.run == name }.map(\.cost).reduce(0, +)
        let share = run.progress > 0 ? Double(progress) / Double(run.progress) : nil
        return Undisturbed(
            took: run.completedAt.map { $0.milliseconds - Scenario.start.milliseconds },
            cost: progress > 0 ? share.map { $0 * cost } : nil)
    }

    /// US dollars for all machines.
    package var cost: Double { runs.map { $0.spot.cost + $0.onDemand.cost }.reduce(0, +) }

    /// US dollars that the same progress would cost on demand.
    package var costOnDemand: Double { runs.compactMap(\.undisturbed.cost).reduce(0, +) }

    /// What happened, by kind, the most frequent first.
    package var events: Tally {
        var events = Tally()
        // Old checkpoints that go are housekeeping.
        for (name, count) in verdict.actions.rows where !name.hasPrefix("retire ") {
            events.add(name, count)
        }
        let noticed = runs.map(\.story.noticed).reduce(0, +)
        let sudden = runs.map(\.story.sudden).reduce(0, +)
        if noticed > 0 { events.add("interruption with a notice", noticed) }
        if sudden > 0 { events.add("interruption without a notice", sudden) }
        let refused = verdict.errors["launch: noCapacity"]
        if refused > 0 { events.add("launch refused, no capacity", refused) }
        return events
    }
}
