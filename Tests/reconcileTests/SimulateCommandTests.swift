import FoundationEssentials
import TestSupport
import Testing
import Training

@testable import Simulation
@testable import reconcile

@Suite struct SimulateCommandTests {
    private let directory: TemporaryDirectory

    private static let manifest = """
        kind: profile
        name: gpu
        region: us-east-1
        zones: [us-east-1a]
        ---
        name: letters
        profile: gpu
        resources: {accelerators: V100:1, use_spot: true}
        run: python3 train.py
        checkpoint: {path: checkpoints/step-*, every: 10m}

        """

    init() throws {
        directory = try TemporaryDirectory()
        directory.write("manifests/letters.yaml", Self.manifest)
    }

    private func simulate(_ arguments: String...) async -> Invocation {
        await Invocation.run(
            ["simulate"] + arguments, environment: ["HOME": directory.path],
            directory: directory.path)
    }

    /// Looks each ten minutes: room for half an hour, none for as long, then room until `hours`.
    private func writeTrace(hours: Int, isInverted: Bool = false) {
        let numbers = (0..<hours * 6).map { (3..<6).contains($0) ? 0 : 1 }
        let data = numbers.map { "\(isInverted ? 1 - $0 : $0)" }.joined(separator: ", ")
        let prices = numbers.map { _ in "1.5" }.joined(separator: ", ")
        directory.write(
            "traces/us-east-1a_v100_1.json",
            """
            {"metadata": {"gap_seconds": 600}, "data": [\(data)], "prices": [\(prices)]}
            """)
    }

    @Test("manifests of a work tree → what would become of them; one seed gives one answer")
    func calm() async {
        let run = await simulate(
            "--weather", "calm", "--for", "3h", "--compute", "1h", "--timeline")
        #expect(run.exit == .success && run.errors.isEmpty)
        #expect(run.output.hasPrefix("1 run for 3h of calm weather, seed 1: 1 completed, for $1"))
        #expect(run.output.contains("letters  Completed  1         0      100%"))
        #expect(run.output.contains("a run needs 1h of training (--compute)"))
        #expect(run.output.contains("trains letters afresh"))
        #expect(run.output.hasSuffix("No promise was broken.\n"))
        let again = await simulate(
            "--weather", "calm", "--for", "3h", "--compute", "1h", "--timeline")
        #expect(again.output == run.output)
        // A run that needs 24 hours is on its way after three.
        let other = await simulate("--weather", "calm", "--for", "3h")
        #expect(other.output.contains("Not completed:\n  letters  training as declared"))
    }

    @Test("a trace → its bill, from the folder and the sense that are named")
    func trace() async throws {
        struct Document: Decodable {
            struct Run: Decodable {
                var attempts: Int
                var doneCompute: Int
                var spotTime: Int
                var spotCost: Dollars
                var completedAfter: Int?
            }
            struct Zone: Decodable {
                var zone: String
                var available: Double
                var endings: Int
            }
            var kind: String
            var version: Int
            var span: Int
            var zones: [Zone]
            var runs: [Run]
            var brokenPromises: [String]
        }
        writeTrace(hours: 4)
        let run = await simulate(
            "--trace", "traces", "--sense", "available", "--compute", "2h", "-o", "json")
        #expect(run.exit == .success)
        #expect(run.errors == "warning: the traces cover 4h: the simulation ends there\n")
        let document = try CanonicalJSON.decode(Document.self, from: Array(run.output.utf8))
        #expect(document.kind == "Forecast" && document.version == 1 && document.span == 14_400)
        let zone = try #require(document.zones.first)
        #expect(zone.zone == "us-east-1a" && zone.available == 0.875 && zone.endings == 1)
        let letters = try #require(document.runs.first)
        #expect(letters.attempts == 2 && letters.doneCompute == 7200)
        // The first machine went within its first hour, and was free: half an hour and two minutes
        // of notice. Two hours of training are 12 saves of 30 s longer.
        let free = 1800 + 120
        let paid = Double(letters.spotTime - free) / 3600
        let cost = Double(letters.spotCost.micros) / 1_000_000
        #expect(abs(cost - paid * 1.5) < 0.1, "\(cost) for \(paid) h")
        let took = try #require(letters.completedAfter)
        #expect((7200 + 12 * 30 + 1500...7200 + 12 * 30 + 2400).contains(took), "\(took)")

        writeTrace(hours: 4, isInverted: true)
        let inverted = await simulate(
            "--trace", "traces", "--sense", "preempted", "--compute", "2h", "-o", "json")
        #expect(inverted.output == run.output)
        let wrong = await simulate(
            "--trace", "traces", "--sense", "available", "--compute", "2h", "-o", "json")
        #expect(wrong.exit == .success && wrong.output != run.output)
    }

    @Test("a profile's zone without a trace → named among what is taken for granted")
    func unseenZone() async {
        writeTrace(hours: 2)
        let manifest = Self.manifest.replacing("[us-east-1a]", with: "[us-east-1a, us-east-1b]")
        directory.write("manifests/letters.yaml", manifest)
        let run = await simulate("--trace", "traces", "--sense", "available", "--compute", "10m")
        #expect(run.output.contains("zones without a trace have no spot machines: us-east-1b"))
    }

    @Test("a broken promise → the view shouts it, with the seed")
    func broken() {
        var view = Fixtures.forecast
        var verdict = view.result.verdict
        verdict.broken = [BrokenPromise(.oneTrainer, at: Fixtures.noon, "two trainers commit")]
        view.result = ForecastResult(
            runs: view.result.runs, verdict: verdict, timeline: nil, end: Fixtures.noon)
        #expect(view.text(TextStyle()).hasSuffix("1 promise was broken. Seed 7."))
        #expect(view.document.brokenPromises.first?.contains("two trainers commit") == true)
    }

    @Test("more than anybody waits for → what to choose instead, exit 1")
    func tooMuch() async {
        let runs = (1...60).map { "name: r-\($0)\nrun: ./train\n" }.joined(separator: "---\n")
        directory.write("manifests/letters.yaml", runs)
        let run = await simulate("--for", "90d")
        #expect(run.exit == .error && run.output.isEmpty)
        #expect(run.errors.contains("60 runs for 2160h are too much to simulate"))
    }

    @Test("the samples for EC2, which name a bucket of their own → they can be simulated")
    func samples() async {
        let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let run = await simulate(
            "\(root)/examples/ec2/manifests", "--weather", "calm", "--for", "3h", "--compute", "1h")
        #expect(run.exit == .success && run.errors.isEmpty)
        #expect(run.output.contains("char-gpt  Completed  1"), "\(run.output)")
    }

    @Test("prices of another machine → a warning that says so")
    func dear() async {
        writeTrace(hours: 1)
        let manifest = Self.manifest.replacing(
            "accelerators: V100:1", with: "instance_type: g5.xlarge")
        directory.write("manifests/letters.yaml", manifest)
        let run = await simulate("--trace", "traces", "--sense", "available")
        #expect(run.exit == .success)
        #expect(run.errors.contains("never below $1.006 an hour, the price of g5.xlarge"))
        #expect(run.output.contains("Not completed:"))
    }

    @Test(
        "what cannot be simulated → its place and what to do, exit 1",
        arguments: [
            (
                "V100:1", "Z80:1",
                "manifests/letters.yaml:8:12: error: no simulated machine has Z80:1"
            ),
            ("run: python3", "rum: python3", "manifests/letters.yaml:9:1: error: "),
            ("profile: gpu", "profile: other", "manifests/letters.yaml:7:10: error: "),
            ("accelerators: V100:1", "instance_type: x9.huge", "give it with --prices"),
        ])
    func impossible(old: String, new: String, message: String) async {
        directory.write("manifests/letters.yaml", Self.manifest.replacing(old, with: new))
        let run = await simulate("--for", "1h")
        #expect(run.exit == .error && run.output.isEmpty)
        #expect(run.errors.contains(message), "\(run.errors)")
    }

    @Test(
        "options that do not fit → what to do, exit 1",
        arguments: [
            (["--trace", "t"], "--trace needs --sense"),
            (["--sense", "available"], "need --trace"),
            (["--trace", "t", "--sense", "available", "--weather", "calm"], "not both"),
            (["--trace", "t", "--sense", "available"], "t is not a folder"),
            (["--for", "30m"], "--for must be"), (["--run", "letters"], "--run needs --timeline"),
            (["--compute", "0s"], "--compute must be"),
            (["--compute", "1h", "--compute", "2h"], "given twice"),
            (["--compute", "other=1h"], "no manifest declares a run other"),
            (["--timeline", "--run", "other"], "no manifest declares a run other"),
            (["nowhere.yaml"], "nowhere.yaml does not exist"),
        ])
    func misuse(arguments: [String], message: String) async {
        let run = await Invocation.run(
            ["simulate"] + arguments, environment: ["HOME": directory.path],
            directory: directory.path)
        #expect(run.exit == .error && run.output.isEmpty)
        #expect(run.errors.contains(message), "\(run.errors)")
    }
}
