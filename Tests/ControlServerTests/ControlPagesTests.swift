import ControlServer
import Planning
import Reconciliation
import Synchronization
import Testing
import Training
import Transport

@Suite struct ControlPagesTests {
    private static let start = Timestamp(milliseconds: 1_795_000_000_000)

    private struct Clock: WallClock {
        var time: Timestamp
        func now() -> Timestamp { time }
        func sleep(for span: Duration) async throws { try await Task.sleep(for: span) }
    }

    /// Serves the board and gives what a client sees.
    private func answers(
        _ board: StatusBoard, at time: Timestamp, _ paths: [String]
    ) async throws -> [(status: Int, body: String)] {
        let address = try #require(ListenAddress("127.0.0.1:0"))
        let (ports, continuation) = AsyncStream.makeStream(of: UInt16.self)
        let serving = Task {
            try await ControlPages(board: board, clock: Clock(time: time))
                .serve(on: address) { continuation.yield($0) }
        }
        defer { serving.cancel() }
        var port = ports.makeAsyncIterator()
        let number = try #require(await port.next())
        // Never a blocking client: the server shares our thread pool.
        let client = try HTTPClient()
        var answers: [(status: Int, body: String)] = []
        for path in paths {
            let url = try HTTPURL("http://127.0.0.1:\(number)\(path)")
            let response = try await client.send(HTTPRequest(.get, url))
            answers.append(
                (response.head.status, String(decoding: response.body, as: UTF8.self)))
        }
        return answers
    }

    @Test("before the first plan → healthy, not ready; after it → ready; stale → ill, with why")
    func health() async throws {
        let board = StatusBoard(startedAt: Self.start, version: "1", interval: 60)
        let before = try await answers(board, at: Self.start, ["/healthz", "/readyz", "/other"])
        #expect(before.map(\.status) == [200, 503, 404])
        board.note(.planned(Self.plan, instances: []), at: Self.start)
        let later = Self.start + .minutes(11)
        let after = try await answers(board, at: later, ["/healthz", "/readyz"])
        #expect(after.map(\.status) == [503, 200])
        #expect(after.first?.body.contains("no plan has been made for 11m") == true)
    }

    @Test("a plan and an action were noted → counted in the metrics, labels escaped")
    func metrics() async throws {
        let board = StatusBoard(startedAt: Self.start, version: "1 \"beta\"", interval: 60)
        board.note(.planned(Self.plan, instances: []), at: Self.start)
        board.note(.sourceFailed(.emptyRepository), at: Self.start)
        let answer = try #require(
            try await answers(board, at: Self.start, ["/metrics"]).first)
        for line in [
            #"holdfast_info{version="1 \"beta\""} 1"#, "holdfast_plans_total 1",
            #"holdfast_failures_total{kind="source"} 1"#,
            #"holdfast_runs{phase="Pending"} 1"#,
            "holdfast_last_plan_timestamp_seconds 1795000000",
        ] {
            #expect(answer.body.split(separator: "\n").contains { $0 == line }, "\(line)")
        }
    }

    @Test("an address that is not loopback → refused")
    func addresses() {
        #expect(ListenAddress("0.0.0.0:80") == nil && ListenAddress("127.0.0.1") == nil)
        #expect(ListenAddress("localhost:80")?.description == "127.0.0.1:80")
        #expect(ListenAddress("[::1]:80")?.description == "[::1]:80")
    }

    private static var plan: Plan {
        var desired = DesiredFleet(
            revision: Revision(ref: "main", commit: String(repeating: "a", count: 40)),
            policy: ScopePolicy(), runs: [], isIncomplete: false)
        if let name = RunName("demo") {
            desired.runs = [DesiredRun(spec: RunSpec(name: name, run: "true"))]
        }
        return Planner.plan(
            desired: desired, observed: Observation(at: start, regions: ["local"]),
            context: FleetContext(
                scope: "default", store: StoreIdentity(of: "x"), storeURL: "x",
                regions: ["local"], pace: .local))
    }
}
