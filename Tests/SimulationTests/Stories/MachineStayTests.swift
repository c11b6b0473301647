import Testing
import Training

@testable import Simulation

@Suite("What machines cost")
struct MachineStayTests {
    private static let hour: Int64 = 3_600_000

    private static func stay(
        _ market: SimulatedMarket, milliseconds: Int64, isTaken: Bool = false
    ) -> MachineStay {
        MachineStay(
            machine: InstanceID("i-1"), run: nil, region: "us-east-1",
            pool: SimulatedEC2.Pool(market: market, type: "g5.xlarge", zone: "us-east-1a"),
            from: Region.start,
            until: Timestamp(milliseconds: Region.start.milliseconds + milliseconds),
            isTaken: isTaken)
    }

    private static func cost(
        _ market: SimulatedMarket, milliseconds: Int64, isTaken: Bool = false,
        prices: [(hours: Int64, price: Double)] = []
    ) -> Double {
        var region = Region()
        let stay = stay(market, milliseconds: milliseconds, isTaken: isTaken)
        for (hours, price) in prices {
            region.pass(hours * hour)
            region.ec2.setSpotPrice(price, of: stay.pool)
        }
        let cost = region.ec2.cost(of: stay, until: Region.start + .hours(100))
        return (cost * 1_000_000).rounded() / 1_000_000
    }

    @Test("on demand → hours × price, by the second, a minute at least")
    func onDemand() {
        #expect(Self.cost(.onDemand, milliseconds: 10 * Self.hour) == 10.06)
        #expect(Self.cost(.onDemand, milliseconds: Self.hour / 2) == 0.503)
        #expect(Self.cost(.onDemand, milliseconds: 5_000) == 0.016767)
    }

    @Test("spot → each hour at the price with which it begins")
    func spot() {
        // Two whole hours and a half: 0.3, 0.3, then half an hour at 0.5.
        let cost = Self.cost(
            .spot, milliseconds: 5 * Self.hour / 2, prices: [(0, 0.3), (2, 0.5)])
        #expect(cost == 0.85)
        // 40 % of 1.006 where no price is known.
        #expect(Self.cost(.spot, milliseconds: Self.hour) == 0.4024)
    }

    @Test("taken by EC2 within the first hour → free; later, or ended by us → paid")
    func taken() {
        #expect(Self.cost(.spot, milliseconds: Self.hour - 1, isTaken: true) == 0)
        #expect(Self.cost(.spot, milliseconds: Self.hour, isTaken: true) == 0.4024)
        #expect(Self.cost(.spot, milliseconds: Self.hour / 2) == 0.2012)
    }

    @Test("still running → paid until the end of the story")
    func running() {
        var stay = Self.stay(.onDemand, milliseconds: 0)
        stay.until = nil
        let cost = Region().ec2.cost(of: stay, until: Region.start + .hours(3))
        #expect((cost * 1000).rounded() == 3018)
    }
}
