import Training

/// How kind a world is, by name: what is drawn is drawn under one of these.
package enum Weather: String, Hashable, Sendable, Codable, CaseIterable {
    /// Room nearly everywhere, few interruptions.
    case calm
    /// Half of the pools dry up now and then, for up to an hour.
    case busy
    /// Every pool dries up once a day or so, some hold few machines, and notices are short.
    case storm

    /// How a pool behaves under it; nil: it has room without end.
    func pool(using generator: inout SplitMix64) -> SimulatedEC2.PoolWeather? {
        let hour: Int64 = 3_600_000
        switch self {
        case .calm:
            guard generator.chance(0.2) else { return nil }
            return SimulatedEC2.PoolWeather(
                wet: 24 * hour...96 * hour, dry: hour / 12...hour / 2, noNotice: 0.02)
        case .busy:
            guard generator.chance(0.6) else { return nil }
            return SimulatedEC2.PoolWeather(
                wet: 24 * hour...72 * hour, dry: hour / 12...hour,
                slots: generator.chance(0.3) ? Int(generator.span(1...6)) : nil, noNotice: 0.05)
        case .storm:
            return SimulatedEC2.PoolWeather(
                wet: 8 * hour...36 * hour, dry: hour / 6...2 * hour,
                slots: generator.chance(0.5) ? Int(generator.span(1...4)) : nil, noNotice: 0.2)
        }
    }
}
