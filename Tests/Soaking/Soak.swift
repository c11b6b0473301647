import ArgumentParser
import Glibc
import Simulation
import Training

/// Tries to break every promise, seed after seed, and tells what it took.
@main
struct Soak: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "soak",
        abstract: "Run drawn scenarios in simulated worlds, and look for broken promises.",
        discussion: "Ends with exit code 1 when a promise was broken.",
        subcommands: [MutationTable.self, LargeFleet.self])

    enum Sky: String, ExpressibleByArgument, CaseIterable {
        case mixed, calm, busy, storm

        func weather(of seed: UInt64) -> Weather {
            switch self {
            case .mixed: Weather.allCases[Int(seed % UInt64(Weather.allCases.count))]
            case .calm: .calm
            case .busy: .busy
            case .storm: .storm
            }
        }
    }

    @Option(help: "How many seeds; without it and --minutes: 100.")
    var seeds: Int?

    @Option(help: "The first seed.")
    var first: UInt64 = 1

    @Option(help: "Go on for so many minutes.")
    var minutes: Double?

    @Option(help: "Trials at once.")
    var jobs = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))

    @Option(help: "Weather: \(Sky.allCases.map(\.rawValue).joined(separator: ", ")).")
    var weather = Sky.mixed

    @Option(help: "Replay this seed alone.")
    var seed: UInt64?

    @Flag(help: "With --seed: print what happened, however it ended.")
    var timeline = false

    @Option(help: "The share of seeds that are run twice, to compare their histories.")
    var twiceShare = 0.02

    @Flag(inversion: .prefixedNo, help: "Shrink what broke a promise, and show its history.")
    var shrink = true

    @Option(help: "Give up after so many broken seeds.")
    var most = 5

    func validate() throws {
        guard jobs > 0, (seeds ?? 1) > 0, (minutes ?? 1) > 0, most > 0 else {
            throw ValidationError("counts must be greater than 0")
        }
        guard (0...1).contains(twiceShare) else {
            throw ValidationError("--twice-share must be from 0 to 1")
        }
    }

    func run() async throws {
        if let seed {
            guard replay(seed) else { throw ExitCode.failure }
            return
        }
        var report = SoakReport()
        await soak(into: &report)
        report.print()
        if shrink { for failure in report.failures.prefix(2) { explain(failure) } }
        if !report.failures.isEmpty { throw ExitCode.failure }
    }

    // MARK: Many seeds

    private func soak(into report: inout SoakReport) async {
        let clock = ContinuousClock()
        let end = minutes.map { clock.now + .seconds($0 * 60) }
        let count = seeds ?? (minutes == nil ? 100 : Int.max)
        await withTaskGroup(of: SeedOutcome.self) { group in
            var started = 0
            func startNext() {
                guard started < count, end.map({ clock.now < $0 }) ?? true else { return }
                let seed = first + UInt64(started)
                started += 1
                let sky = weather
                let isTwice = isRunTwice(seed)
                group.addTask { SeedOutcome(seed, sky.weather(of: seed), isTwice: isTwice) }
            }
            for _ in 0..<jobs { startNext() }
            while let outcome = await group.next() {
                report.add(outcome)
                if outcome.isBroken { tell(outcome) }
                if report.failures.count < most { startNext() }
            }
        }
        report.wall = clock.now - (report.began)
    }

    private func isRunTwice(_ seed: UInt64) -> Bool {
        guard twiceShare > 0 else { return false }
        return seed % UInt64(max(1, (1 / twiceShare).rounded())) == 0
    }

    // MARK: One seed

    private func tell(_ outcome: SeedOutcome) {
        print("seed \(outcome.seed) (\(outcome.weather.rawValue)) broke a promise:")
        for broken in outcome.verdict.broken.prefix(3) { print("  \(broken)") }
        if let other = outcome.otherTrace {
            print("  two runs of it differ: \(hex(outcome.verdict.trace)) and \(hex(other))")
        }
    }

    private func replay(_ seed: UInt64) -> Bool {
        let scenario = Scenario.draw(seed: seed, weather: weather.weather(of: seed))
        var trial = Trial(scenario, keepsTimeline: true)
        let verdict = trial.run()
        print("seed \(seed) (\(weather.weather(of: seed).rawValue)), trace \(hex(verdict.trace))")
        for line in SoakReport.size(of: scenario) { print(line) }
        for broken in verdict.broken { print("broken: \(broken)") }
        if timeline || !verdict.broken.isEmpty {
            let broken = verdict.broken.first
            let end = broken?.at ?? Timestamp(milliseconds: .max)
            for line in trial.timeline?.lines(about: broken?.run, until: end) ?? [] { print(line) }
        }
        print("seed \(seed): " + (verdict.broken.isEmpty ? "no promise broken" : "broken"))
        return verdict.broken.isEmpty
    }

    /// Shrinks what broke a promise, and prints what happened in the least that still does.
    private func explain(_ outcome: SeedOutcome) {
        let scenario = Scenario.draw(seed: outcome.seed, weather: outcome.weather)
        print("\nseed \(outcome.seed) (\(outcome.weather.rawValue))")
        guard let promise = outcome.verdict.broken.first?.promise else { return }
        var shrinker = Shrinker { scenario in
            var trial = Trial(scenario)
            return trial.run().broken.first { $0.promise == promise }?.at
        }
        let least = shrinker.shrink(scenario)
        print("the least that still breaks it, after \(shrinker.tries) tries:")
        for line in SoakReport.content(of: least) { print("  \(line)") }
        var trial = Trial(least, keepsTimeline: true)
        let verdict = trial.run()
        guard let broken = verdict.broken.first(where: { $0.promise == promise }) else { return }
        for line in trial.timeline?.lines(about: broken.run, until: broken.at) ?? [] { print(line) }
        print(broken)
        print("seed \(outcome.seed) (\(outcome.weather.rawValue))")
    }

    private func hex(_ number: UInt64) -> String { String(number, radix: 16) }
}

/// What came of one seed.
struct SeedOutcome: Sendable {
    let seed: UInt64
    let weather: Weather
    let verdict: Verdict
    /// The trace of a second run, where it is another one.
    let otherTrace: UInt64?
    /// What the first run took of one core.
    let busy: Duration

    init(_ seed: UInt64, _ weather: Weather, isTwice: Bool) {
        self.seed = seed
        self.weather = weather
        let scenario = Scenario.draw(seed: seed, weather: weather)
        let began = SeedOutcome.threadTime()
        var trial = Trial(scenario)
        verdict = trial.run()
        busy = SeedOutcome.threadTime() - began
        guard isTwice else {
            otherTrace = nil
            return
        }
        var second = Trial(scenario)
        let trace = second.run().trace
        otherTrace = trace == verdict.trace ? nil : trace
    }

    /// What this thread has used of its core; a trial never leaves it.
    private static func threadTime() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    var isBroken: Bool { !verdict.broken.isEmpty || otherTrace != nil }
}
