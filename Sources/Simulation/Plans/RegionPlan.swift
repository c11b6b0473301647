package import Training

/// A region as a user's fleet finds it, where the usual one will not do.
package struct RegionPlan: Hashable, Sendable, Codable {
    package var region: String
    /// Empty: the usual ones.
    package var zones: [String]
    /// USD an hour on demand, by type: in place of the usual catalogue's, and for types that this
    /// one lacks.
    package var prices: [String: Dollars]
    /// What the spot pools of their zones follow, each for all of `spotTypes`.
    package var traces: [AvailabilityTrace]
    /// Types that somebody may ask for: no other pool is kept.
    package var spotTypes: [String]

    package init(
        region: String, zones: [String] = [], prices: [String: Dollars] = [:],
        traces: [AvailabilityTrace] = [], spotTypes: [String] = []
    ) {
        self.region = region
        self.zones = zones
        self.prices = prices
        self.traces = traces
        self.spotTypes = spotTypes
    }

    var place: SimulatedEC2.Place {
        var place =
            zones.isEmpty
            ? SimulatedEC2.Place.usual(region) : SimulatedEC2.Place.usual(region, zones: zones)
        for index in place.types.indices {
            guard let price = prices[place.types[index].name] else { continue }
            place.types[index].price = Double(price.micros) / 1_000_000
        }
        let known = Set(place.types.map(\.name))
        place.types += prices.filter { !known.contains($0.key) }.sorted { $0.key < $1.key }
            .map { SimulatedEC2.MachineType($0.key, price: Double($0.value.micros) / 1_000_000) }
        return place
    }
}
