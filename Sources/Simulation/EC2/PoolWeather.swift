import Training

extension SimulatedEC2 {
    /// How a pool dries up and recovers by itself: spans in milliseconds.
    package struct PoolWeather: Hashable, Sendable, Codable {
        /// How long it has room, and how long not.
        package var wet: ClosedRange<Int64>
        package var dry: ClosedRange<Int64>
        /// How many machines it holds while it has room; nil: without end.
        package var slots: Int?
        /// The notices that its machines get when it dries up.
        package var notice: ClosedRange<Int64>
        /// The chance that a machine gets none.
        package var noNotice: Double
        var isDry = false

        package init(
            wet: ClosedRange<Int64>, dry: ClosedRange<Int64>, slots: Int? = nil,
            notice: ClosedRange<Int64> = 0...120_000, noNotice: Double = 0.05
        ) {
            self.wet = wet
            self.dry = dry
            self.slots = slots
            self.notice = notice
            self.noNotice = noNotice
        }
    }

    /// Lets a pool dry up and recover from now on, beginning with room.
    package mutating func setWeather(_ new: PoolWeather, of pool: Pool) {
        let isNew = weather[pool] == nil
        weather[pool] = new
        slots[pool] = new.slots
        if isNew { schedule(.weather(pool), after: new.wet) }
    }

    mutating func turnWeather(of pool: Pool) {
        guard var current = weather[pool] else { return }
        current.isDry.toggle()
        weather[pool] = current
        slots[pool] = current.isDry ? 0 : current.slots
        schedule(.weather(pool), after: current.isDry ? current.dry : current.wet)
        guard current.isDry, pool.market == .spot else { return }
        for id in order where instances[id]?.pool == pool {
            let isSudden = generator.chance(current.noNotice)
            interrupt(id, notice: isSudden ? nil : generator.span(current.notice))
        }
    }
}
