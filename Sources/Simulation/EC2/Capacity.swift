package import Training

extension SimulatedEC2 {
    /// The supply behind machines of one type in one zone on one market.
    package struct Pool: Hashable, Comparable, Sendable, Codable {
        package var market: SimulatedMarket
        package var type: String
        package var zone: String

        package init(market: SimulatedMarket, type: String, zone: String) {
            self.market = market
            self.type = type
            self.zone = zone
        }

        package static func < (a: Pool, b: Pool) -> Bool {
            (a.zone, a.type, a.market) < (b.zone, b.type, b.market)
        }
    }

    /// A price of a pool from a moment on.
    package struct PricePoint: Hashable, Sendable {
        package var since: Timestamp
        package var price: Double
    }

    /// Slots that a launch may still take; nil: without end.
    package func freeSlots(in pool: Pool) -> Int? {
        slots[pool].map { Swift.max(0, $0 - used[pool, default: 0]) }
    }

    /// Sets how many machines a pool holds in all; nil: without end.
    ///
    /// Machines that run beyond it stay: taking them is `interrupt`.
    package mutating func setSlots(_ count: Int?, of pool: Pool) {
        slots[pool] = count
    }

    /// Sets how many machines every pool of one type and market holds.
    package mutating func setSlots(_ count: Int?, ofType type: String, market: SimulatedMarket) {
        for zone in place.zones {
            setSlots(count, of: Pool(market: market, type: type, zone: zone.name))
        }
    }

    package func spotPrice(of pool: Pool) -> Double {
        spotPrices[pool]?.last?.price ?? usualSpotPrice(of: pool.type)
    }

    /// 40 % of the on-demand price.
    func usualSpotPrice(of type: String) -> Double {
        let price = (machineType(type)?.price ?? 0) * 0.4
        return (price * 10_000).rounded() / 10_000
    }

    package mutating func setSpotPrice(_ price: Double, of pool: Pool) {
        spotPrices[pool, default: []].append(PricePoint(since: now, price: price))
    }
}
