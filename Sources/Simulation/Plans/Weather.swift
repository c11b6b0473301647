import Training

/// How kind a world is, by name: what is drawn is drawn under one of these.
package enum Weather: String, Hashable, Sendable, Codable, CaseIterable {
    /// Room nearly everywhere, few interruptions.
    case calm
    /// Pools dry up for an hour or so each day; machines are taken daily.
    case busy
    /// Most pools are dry most of the time, and nobody gets much of a notice.
    case storm

    /// How a pool behaves under it; nil: it has room without end.
    func pool(using generator: inout SplitMix64) -> SimulatedEC2.PoolWeather? {
        let hour: Int64 = 3_600_000
        switch self {
        case .calm:
            guard generator.chance(0.2) else { return nil }
            return SimulatedEC2.PoolWeather(
                wet: 24 * hour...96 * hour, dry: hour / 4...hour, noNotice: 0.02)
        case .busy:
            guard generator.chance(0.6) else { return nil }
            return SimulatedEC2.PoolWeather(
                wet: 8 * hour...36 * hour, dry: hour / 4...3 * hour,
                slots: generator.chance(0.3) ? Int(generator.span(1...6)) : nil, noNotice: 0.05)
        case .storm:
            return SimulatedEC2.PoolWeather(
                wet: 3 * hour...12 * hour, dry: hour / 2...6 * hour,
                slots: generator.chance(0.5) ? Int(generator.span(1...4)) : nil, noNotice: 0.2)
        }
    }
}
