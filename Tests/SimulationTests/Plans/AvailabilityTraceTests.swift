import Testing
import Training

@testable import Simulation

@Suite("Availability traces")
struct AvailabilityTraceTests {
    private static let minute: Int64 = 60_000

    private static func trace(
        _ room: [Int], countsMachines: Bool = false, prices: [Dollars]? = nil
    ) -> AvailabilityTrace {
        AvailabilityTrace(
            zone: "us-east-1a",
            samples: room.enumerated().map { place, room in
                AvailabilityTrace.Sample(
                    at: Int64(place) * 10 * minute, room: room, price: prices?[place])
            },
            span: Int64(room.count) * 10 * minute, countsMachines: countsMachines)
    }

    @Test("looks that saw the same → one change; the share of time with room adds up")
    func changes() {
        let trace = Self.trace([1, 1, 0, 0, 1, 0])
        #expect(trace.changes.map(\.at) == [0, 20, 40, 50].map { $0 * Self.minute })
        #expect(trace.changes.map(\.slots) == [nil, 0, nil, 0])
        #expect(trace.share(of: trace.span) == 0.5)
        #expect(trace.share(of: 25 * Self.minute) == 0.8)
        #expect(trace.endings(within: trace.span) == 2)
        #expect(trace.endings(within: 30 * Self.minute) == 1)
        #expect(trace.region == "us-east-1")
    }

    @Test("a pool without room → its machine gets two minutes, and no launch is answered")
    func follows() throws {
        var region = Region(seed: 2) { $0.shutdown = 2000...2000 }
        region.ec2.follow(Self.trace([1, 0, 1]), type: "g5.xlarge")
        let id = try region.running(region.spotOrder())
        #expect(region.pass(9 * Self.minute).isEmpty)
        let events = region.pass(Self.minute)
        guard case .noticed(let notice) = events.first?.kind else {
            Issue.record("no notice: \(events)")
            return
        }
        #expect(notice.time == Region.start + 720)
        let order = region.spotOrder()
        let code = region.code { ec2 throws(CloudFailure) in _ = try ec2.runInstances(order) }
        #expect(code == "InsufficientInstanceCapacity")
        region.pass(10 * Self.minute)
        #expect(region.ec2.instances[id]?.state == .terminated)
        _ = try region.running(region.spotOrder())
    }

    @Test("fewer slots than machines → the newest goes")
    func counts() throws {
        var region = Region(seed: 2)
        region.ec2.follow(Self.trace([2, 1], countsMachines: true), type: "g5.xlarge")
        let first = try region.running(region.spotOrder())
        let second = try region.running(region.spotOrder())
        let order = region.spotOrder()
        let code = region.code { ec2 throws(CloudFailure) in _ = try ec2.runInstances(order) }
        #expect(code == "InsufficientInstanceCapacity")
        region.pass(15 * Self.minute)
        #expect(region.ec2.instances[first]?.state == .running)
        #expect(region.ec2.instances[second]?.state == .terminated)
    }

    @Test("prices of a trace → those of its pool from then on")
    func prices() {
        var region = Region()
        let prices = [300_000, 500_000].map { Dollars(micros: $0) }
        region.ec2.follow(Self.trace([1, 1], prices: prices), type: "g5.xlarge")
        let pool = SimulatedEC2.Pool(market: .spot, type: "g5.xlarge", zone: "us-east-1a")
        #expect(region.ec2.spotPrice(of: pool) == 0.3)
        region.pass(10 * Self.minute)
        #expect(region.ec2.spotPrice(of: pool) == 0.5)
    }
}
