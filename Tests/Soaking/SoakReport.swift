import Simulation
import Training

/// All that a soak adds up, and its tables.
struct SoakReport {
    /// Coverage below this is pointed out.
    static let enough = 100

    let began = ContinuousClock.now
    var wall = Duration.zero
    private(set) var failures: [SeedOutcome] = []
    private var seeds = 0
    private var busy = Duration.zero
    /// What all trials counted, together.
    private var all = Verdict()
    /// Seeds that broke each promise.
    private var broken = Tally()

    mutating func add(_ outcome: SeedOutcome) {
        let verdict = outcome.verdict
        seeds += 1
        busy += outcome.busy
        all.count(verdict)
        for promise in Set(verdict.broken.map(\.promise)) { broken.add(promise.rawValue) }
        if outcome.otherTrace != nil { broken.add("one seed, one history") }
        if outcome.isBroken { failures.append(outcome) }
    }

    func print() {
        table("faults", all.faults)
        table("edits", all.edits)
        table("actions", all.actions)
        table("inactions", all.inactions)
        coverage("actions by reason", Coverage.reasons(in: all.actions), Coverage.actionReasons)
        coverage("inactions", all.inactions, Coverage.inactionReasons)
        coverage("errors", all.errors, Coverage.errors)
        coverage("crash points", all.crashes, Coverage.crashPoints)
        table("promises broken (seeds)", broken)
        Swift.print("\nsoak")
        let day = 86_400_000.0
        let seconds = max(0.001, busy / .seconds(1))
        row("seeds", "\(seeds)")
        row("simulated years", rounded(Double(all.span) / day / 365))
        row("instance-days", rounded(Double(all.machineTime) / day))
        row("events", "\(all.events)")
        row("plans", "\(all.plans)")
        row("polls left out", "\(all.coalescedPolls)")
        row("ms a seed", rounded(1000 * seconds / Double(max(1, seeds))))
        row("events/s on one core", rounded(Double(all.events) / seconds))
        row("instance-days/s on one core", rounded(Double(all.machineTime) / day / seconds))
        row("seconds", rounded(wall / .seconds(1)))
        row("promises broken", "\(broken.total)")
        if let failure = failures.first {
            row("first broken seed", "\(failure.seed) (\(failure.weather.rawValue))")
        }
    }

    // MARK: Scenarios

    static func size(of scenario: Scenario) -> [String] {
        let crashes = scenario.faults.count(where: \.kind.isCrash)
        return [
            "\(scenario.workload.count) runs, \(scenario.span), \(scenario.faults.count) faults "
                + "(\(crashes) crashes), \(scenario.edits.count) edits, "
                + "\(scenario.reconcilers.count) reconcilers, \(scenario.pools.count) pools that "
                + "dry up"
        ]
    }

    static func content(of scenario: Scenario) -> [String] {
        size(of: scenario)
            + scenario.workload.map { run in
                "\(clock(run.at))  declare \(run.spec.name) (\(run.spec.market.rawValue))"
            }
            + scenario.reconcilers.map { "\(clock($0.at))  start a reconciler: \($0.mode)" }
            + scenario.edits.map { "\(clock($0.at))  edit \($0.change)" }
            + scenario.faults.map { "\(clock($0.at))  fault \($0.kind) for \($0.span)" }
    }

    private static func clock(_ moment: Seconds) -> String {
        Timeline.clock(Scenario.start + moment)
    }

    // MARK: Tables

    private func table(_ title: String, _ tally: Tally) {
        Swift.print("\n\(title)")
        for (name, count) in tally.rows { row(name, "\(count)") }
        if tally.total == 0 { Swift.print("  none") }
    }

    /// What of `wanted` was seen enough, and what was not.
    private func coverage(_ title: String, _ tally: Tally, _ wanted: [String]) {
        let enough = wanted.count { tally[$0] >= SoakReport.enough }
        let seen = wanted.count { tally[$0] > 0 }
        Swift.print(
            "\ncoverage of \(title): \(seen) of \(wanted.count) seen, \(enough) of them at least "
                + "\(SoakReport.enough) times")
        let rare = wanted.filter { tally[$0] < SoakReport.enough }
        for name in rare.sorted(by: { tally[$0] < tally[$1] }) { row(name, "\(tally[name])") }
    }

    private func row(_ name: String, _ value: String) {
        let padding = String(repeating: " ", count: max(1, 48 - name.count - value.count))
        Swift.print("  \(name)\(padding)\(value)")
    }

    private func rounded(_ number: Double) -> String {
        number >= 100 ? "\(Int(number.rounded()))" : "\((number * 100).rounded() / 100)"
    }
}
