import Simulation
import TestSupport
import Testing
import Training

@testable import reconcile

@Suite struct TraceFolderTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func write(_ files: [String: String]) {
        for (name, text) in files { directory.write("traces/\(name)", text) }
    }

    private func read(
        _ sense: TraceFile.Sense = .available, prices: String? = nil
    ) throws -> [AvailabilityTrace] {
        try TraceFolder.read(
            "traces", sense: sense, prices: prices,
            in: Surroundings(environment: [:], directory: directory.path, executable: "/x"))
    }

    /// The message and the advice of what reading throws.
    private func failure(
        _ sense: TraceFile.Sense = .available, prices: String? = nil
    ) -> String {
        do {
            let traces = try read(sense, prices: prices)
            return "no failure: \(traces)"
        } catch {
            guard let failure = error as? CommandFailure else { return "\(error)" }
            return failure.message + (failure.advice.map { "\n" + $0 } ?? "")
        }
    }

    private static func csv(_ numbers: [Int]) -> String {
        let rows = numbers.enumerated().map { "2024-02-28 23:5\($0.offset):30,\($0.element)\n" }
        return "date,availability\n" + rows.joined()
    }

    @Test("a CSV of looks → changes since the first one; the last look lasts like the one before")
    func csv() throws {
        write(["us-east-1a_v100_1.csv": Self.csv([1, 1, 0, 1]), "NOTES": "x", ".a.csv": "x"])
        let trace = try #require(try read().first)
        #expect(trace.zone == "us-east-1a" && trace.region == "us-east-1")
        #expect(trace.span == 240_000)
        #expect(trace.changes.map(\.at) == [0, 120_000, 180_000])
        #expect(trace.changes.map(\.slots) == [nil, 0, nil])
    }

    @Test("an inverted file under the other sense → the same trace")
    func senses() throws {
        write(["us-east-1a.csv": Self.csv([1, 0, 0, 1])])
        let available = try read(.available)
        write(["us-east-1a.csv": Self.csv([0, 1, 1, 0])])
        #expect(try read(.preempted) == available)
        #expect(try read(.available) != available)
        let json = #"{"metadata": {"gap_seconds": 60}, "data": "#
        write(["us-east-1a.csv": Self.csv([1, 0, 0, 1]), "us-west-2b.json": json + "[1, 0]}"])
        let both = try read(.available)
        write(["us-east-1a.csv": Self.csv([0, 1, 1, 0]), "us-west-2b.json": json + "[0, 1]}"])
        #expect(try read(.preempted) == both)
    }

    @Test("JSON with counts and prices → slots and prices; a 1 elsewhere is a count, too")
    func counts() throws {
        write([
            "eu-west-1c.json": """
            {"metadata": {"gap_seconds": 600, "note": "n"}, "data": [4, 4, 0],
             "prices": [0.5, 0.75, 0.75]}
            """,
            "eu-west-1a.csv": Self.csv([1, 0]),
        ])
        let traces = try read()
        #expect(traces.map(\.zone) == ["eu-west-1a", "eu-west-1c"])
        #expect(traces[0].changes.map(\.slots) == [1, 0])
        #expect(traces[1].changes.map(\.slots) == [4, 4, 0])
        #expect(traces[1].changes.map { $0.price?.micros } == [500_000, 750_000, 750_000])
        #expect(traces[1].changes.map(\.at) == [0, 600_000, 1_200_000])
        #expect(traces[1].span == 1_800_000)
        #expect(failure(.preempted).contains("data, number 1: 4 is a count"))
    }

    @Test("prices in a file of their own → by the name of the trace's file")
    func prices() throws {
        write(["us-east-1a_x.csv": Self.csv([1, 1]), "us-east-1b.csv": Self.csv([1, 1])])
        directory.write("p.json", #"{"us-east-1a_x": [1.5, 1.25], "other": [1]}"#)
        let traces = try read(prices: "p.json")
        #expect(traces[0].changes.map { $0.price?.micros } == [1_500_000, 1_250_000])
        #expect(traces[1].changes.map(\.price) == [nil])
        directory.write("p.json", #"{"us-east-1a_x": [1.5]}"#)
        #expect(failure(prices: "p.json").contains("p.json: us-east-1a_x: 1 prices for 2 looks"))
        directory.write("p.json", #"{"us-east-1a_x": [1.5, -1]}"#)
        #expect(failure(prices: "p.json").contains("number 2 is -1.0"))
    }

    @Test(
        "a line that is no look → file, line and column",
        arguments: [
            ("time,free\n", "us-east-1a.csv:1:1: the first line must be `date,availability`"),
            ("date,availability\nnow,1\n", "us-east-1a.csv:2:1: expected a date"),
            ("date,availability\n2024-02-30T25:00:00,1\n", "us-east-1a.csv:2:1: expected a date"),
            ("date,availability\n2024-02-28 23:00:00\n", "us-east-1a.csv:2:1: expected a date and"),
            (
                "date,availability\r\n2024-02-28 23:00:00,1\r\n2024-02-28 23:01:00,yes\r\n",
                "us-east-1a.csv:3:21: expected 0, 1, or a count"
            ),
            ("date,availability\n2024-02-28 23:00:00,-1\n", "us-east-1a.csv:2:21: expected 0, 1"),
            (
                "date,availability\n2024-02-28 23:00:00,1\n2024-02-28 23:00:00,1\n",
                "us-east-1a.csv:3:1: this look is not later"
            ),
            ("date,availability\n2024-02-28 23:00:00,1\n", "at least two looks"),
        ])
    func badLines(text: String, message: String) {
        write(["us-east-1a.csv": text])
        #expect(failure().contains(message), "\(failure())")
    }

    @Test(
        "JSON of another shape → the place in it",
        arguments: [
            ("[]", "us-east-1a.json: "), ("{", "us-east-1a.json: not JSON"),
            (#"{"data": [0, 1]}"#, "metadata is missing"),
            (#"{"metadata": {"gap_seconds": 0}, "data": [0, 1]}"#, "gap_seconds must be"),
            (#"{"metadata": {"gap_seconds": 60}, "data": [0]}"#, "data needs from 2"),
            (#"{"metadata": {"gap_seconds": 60}, "data": [0, -1]}"#, "data, number 2"),
            (
                #"{"metadata": {"gap_seconds": 60}, "data": [0, 1], "prices": [1]}"#,
                "prices: 1 prices for 2 looks"
            ),
        ])
    func badDocuments(text: String, message: String) {
        write(["us-east-1a.json": text])
        #expect(failure().contains(message), "\(failure())")
    }

    @Test("names that are no zone, two files of one zone, no file, no folder → what to do")
    func names() {
        #expect(failure().contains("not a folder"))
        write(["notes.txt": ""])
        #expect(failure().contains("a trace is a file such as us-east-1a.csv"))
        write(["v100.csv": Self.csv([1, 1])])
        #expect(failure().contains("name it after its zone"))
        directory.remove("traces/v100.csv")
        write(["us-east-1a_v100_1.csv": Self.csv([1, 1]), "us-east-1a.csv": Self.csv([1, 1])])
        #expect(failure().contains("are both about us-east-1a"))
    }

    @Test(
        "a date → its milliseconds",
        arguments: [
            ("1970-01-01 00:00:00", 0), ("2000-02-29T12:00:00Z", 951_825_600_000),
            ("2023-02-15 22:08:16", 1_676_498_896_000),
            ("2024-03-01 00:00:00.25", 1_709_251_200_250),
        ])
    func dates(text: String, milliseconds: Int64) {
        #expect(CivilTime.milliseconds(Array(text.utf8)[...]) == milliseconds)
    }
}
