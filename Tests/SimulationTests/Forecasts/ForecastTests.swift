import Planning
import Testing
import Training

@testable import Simulation

@Suite("Forecasts")
struct ForecastTests {
    private static let hour: Int64 = 3_600_000

    /// Room for three hours, none for one, then room again; a dollar an hour.
    private static let trace = AvailabilityTrace(
        zone: "us-east-1a",
        samples: (0..<72).map { look in
            AvailabilityTrace.Sample(
                at: Int64(look) * 600_000, room: (18..<24).contains(look) ? 0 : 1,
                price: Dollars(micros: 1_000_000))
        }, span: 12 * hour, countsMachines: false)

    private static func question(
        _ sky: ForecastQuestion.Sky, _ change: (inout RunSpec) -> Void = { _ in }
    ) -> ForecastQuestion {
        var spec = RunSpec(
            name: .a, market: .spot,
            resources: Resources(choices: [MachineChoice(instanceType: "p3.2xlarge")]),
            run: "./train", checkpoint: CheckpointPolicy(path: "out/*.pt", every: .hours(1)))
        change(&spec)
        var question = ForecastQuestion(
            runs: [spec], policy: ScopePolicy(), profiles: [:], sky: sky, seed: 1,
            span: .hours(12), prices: [:], region: "us-east-1", now: Scenario.start)
        question.habits.compute = .hours(6)
        return question
    }

    @Test("a trace with one dry hour → the bill and the losses that a hand works out")
    func bill() throws {
        let result = Forecast(Self.question(.traces([Self.trace]))).made()
        #expect(result.verdict.broken == [])
        let run = try #require(result.runs.first)
        #expect(run.phase?.phase == .completed)
        #expect(run.story.progress == 6 * 3600)
        #expect(run.story.attempts == 2)
        #expect(run.story.noticed == 1 && run.story.sudden == 0 && run.story.redone == 0)
        // Six hours of training, six saves, three starts and saves around the notice.
        #expect((6 * Self.hour...6 * Self.hour + 720_000).contains(run.spot.time))
        #expect(run.onDemand.time == 0)
        let hours = Double(run.spot.time) / Double(Self.hour)
        #expect(abs(run.spot.cost - hours) < 0.000_001)
        // The dry hour comes on top, less the two minutes of the notice.
        let took = try #require(run.took)
        #expect((7 * Self.hour...7 * Self.hour + 720_000).contains(took))
        // On demand: six hours and a little, at 3.06.
        let undisturbed = try #require(run.undisturbed.took)
        #expect((6 * Self.hour...6 * Self.hour + 480_000).contains(undisturbed))
        let cost = try #require(run.undisturbed.cost)
        #expect((6 * 3.06...6.15 * 3.06).contains(cost))
        #expect(abs(result.cost - run.spot.cost) < 0.000_001)
    }

    @Test("a fallback to on demand → the dry hour is paid at full price")
    func fallback() throws {
        let question = Self.question(.traces([Self.trace])) { $0.resources.fallback = .onDemand }
        let run = try #require(Forecast(question).made().runs.first)
        #expect(run.phase?.phase == .completed)
        let spot = Double(run.spot.time) / Double(Self.hour)
        #expect((2.95...3.1).contains(spot))
        #expect(abs(run.spot.cost - spot) < 0.000_001)
        let onDemand = Double(run.onDemand.time) / Double(Self.hour)
        #expect((2.95...3.2).contains(onDemand))
        #expect(abs(run.onDemand.cost - onDemand * 3.06) < 0.000_001)
    }

    @Test("one question twice → one answer; another seed → another one")
    func repeats() {
        var question = Self.question(.weather(.storm))
        let first = Forecast(question).made()
        let second = Forecast(question).made()
        #expect(first.runs == second.runs && first.verdict == second.verdict)
        question.seed = 2
        #expect(Forecast(question).made().verdict.trace != first.verdict.trace)
    }

    @Test("a limit below every price → the run waits, and says so; no promise is broken")
    func tooExpensive() throws {
        let question = Self.question(.weather(.calm)) {
            $0.resources.maxHourlyCost = Dollars(micros: 10_000)
        }
        let result = Forecast(question).made()
        #expect(result.verdict.broken == [])
        let run = try #require(result.runs.first)
        #expect(run.phase?.phase == .pending)
        #expect(run.spot.time == 0 && run.story.progress == 0 && run.undisturbed.cost == nil)
    }

    @Test(
        "what the simulated regions do not have → a problem that says what to do",
        arguments: [
            (MachineChoice(instanceType: "x9.huge"), "--prices"),
            (MachineChoice(accelerators: Accelerators(name: "Z1", count: 1)), "instance_type"),
            (MachineChoice(instanceType: "p3.2xlarge", zone: "us-east-1f"), "us-east-1a"),
            (MachineChoice(instanceType: "p3.2xlarge", region: "us-west-2"), "us-east-1a"),
        ])
    func problems(choice: MachineChoice, advice: String) {
        let question = Self.question(.traces([Self.trace])) { $0.resources.choices = [choice] }
        let problems = Forecast(question).problems
        #expect(problems.map(\.run) == [.a])
        #expect(problems.first?.message.contains(advice) == true, "\(problems)")
    }

    @Test("a profile of a region to which no run goes → all the same")
    func unusedProfile() throws {
        var question = Self.question(.weather(.calm))
        question.profiles = ["far": Profile(name: "far", region: "eu-west-1")]
        let result = Forecast(question).made()
        #expect(result.runs.first?.phase?.phase == .completed && result.verdict.broken == [])
        #expect(result.verdict.errors["provider: unsupported"] == 0)
    }

    @Test("a run on demand → it needs no trace of its zone")
    func noTraceNeeded() throws {
        for zone in [nil, "us-east-1f"] {
            let question = Self.question(.traces([Self.trace])) {
                $0.market = .onDemand
                $0.resources.choices[0].region = zone == nil ? "us-west-2" : "us-east-1"
                $0.resources.choices[0].zone = zone
            }
            let forecast = Forecast(question)
            #expect(forecast.problems == [])
            let run = try #require(forecast.made().runs.first)
            #expect(run.phase?.phase == .completed && run.onDemand.time > 6 * Self.hour)
        }
    }

    @Test("a zone that no trace is about → it has no spot machines, and the others do")
    func unseenZone() throws {
        var question = Self.question(.traces([Self.trace])) { $0.profile = "gpu" }
        question.profiles["gpu"] = Profile(
            name: "gpu", region: "us-east-1", zones: ["us-east-1a", "us-east-1b"])
        let result = Forecast(question).made()
        let run = try #require(result.runs.first)
        #expect(run.phase?.phase == .completed && run.story.noticed == 1)
        // It waits for the end of the dry hour.
        #expect(try #require(run.took) > 7 * Self.hour)
    }

    @Test("a zone that only a manifest names → it exists under a weather")
    func namedZone() throws {
        let question = Self.question(.weather(.calm)) {
            $0.resources.choices[0].zone = "us-east-1f"
        }
        #expect(Forecast(question).made().runs.first?.phase?.phase == .completed)
    }

    @Test("a type that only the prices name → a machine of that price")
    func priced() throws {
        var question = Self.question(.weather(.calm)) {
            $0.market = .onDemand
            $0.resources.choices = [MachineChoice(instanceType: "x9.huge")]
        }
        question.prices = ["us-east-1": ["x9.huge": Dollars(micros: 2_000_000)]]
        #expect(Forecast(question).problems == [])
        let run = try #require(Forecast(question).made().runs.first)
        let hours = Double(run.onDemand.time) / Double(Self.hour)
        #expect((6...6.2).contains(hours) && abs(run.onDemand.cost - 2 * hours) < 0.000_001)
    }
}
