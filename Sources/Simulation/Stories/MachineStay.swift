package import Training

/// A machine's time on the bill: from `running` until its end begins.
package struct MachineStay: Hashable, Sendable {
    package let machine: InstanceID
    /// The run that it was launched for; nil: it bore no run's tag.
    package let run: RunName?
    package let region: String
    package let pool: SimulatedEC2.Pool
    package let from: Timestamp
    /// Nil: it still runs.
    package var until: Timestamp?
    /// EC2 took it.
    package var isTaken = false
    /// US dollars; 0 until the story ends.
    package internal(set) var cost = 0.0

    /// How long it is on the bill until `end`, in milliseconds.
    package func span(until end: Timestamp) -> Int64 {
        max(0, min(until ?? end, end).milliseconds - from.milliseconds)
    }
}

extension SimulatedEC2 {
    private static let hour: Int64 = 3_600_000
    /// EC2 bills by the second, but never less than this (EC2 pricing pages).
    private static let least: Int64 = 60_000

    /// What a machine costs until `end`, in US dollars.
    ///
    /// An hour of a spot machine costs what its pool does when that hour of its life begins, and
    /// one that EC2 takes within its first hour is free (EC2 FAQ and user guide). Volumes, traffic
    /// and requests are not counted.
    package func cost(of stay: MachineStay, until end: Timestamp) -> Double {
        let hour = Self.hour
        let span = stay.span(until: end)
        guard stay.pool.market == .spot else {
            let price = machineType(stay.pool.type)?.price ?? 0
            return Double(max(span, Self.least)) / Double(hour) * price
        }
        if stay.isTaken, span < hour { return 0 }
        var cost = 0.0
        var rest = max(span, Self.least)
        var moment = stay.from
        while rest > 0 {
            let part = min(rest, hour)
            cost += Double(part) / Double(hour) * spotPrice(of: stay.pool, at: moment)
            rest -= part
            moment = Timestamp(milliseconds: moment.milliseconds + hour)
        }
        return cost
    }

    private func spotPrice(of pool: Pool, at moment: Timestamp) -> Double {
        let points = spotPrices[pool] ?? []
        let next = points.partitioningIndex { $0.since > moment }
        return next > 0 ? points[next - 1].price : usualSpotPrice(of: pool.type)
    }
}
