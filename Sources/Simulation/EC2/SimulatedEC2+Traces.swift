import Training

/// Pools whose supply was seen somewhere: what is drawn has a `PoolWeather` instead.
extension SimulatedEC2 {
    /// The notice of a machine whose pool has no room for it any more, in milliseconds, and the
    /// chance that it gets none.
    private static let traceNotice: Int64 = 120_000
    private static let noTraceNotice = 0.05

    /// Lets the spot pool of a type follow a trace of its zone from now on.
    ///
    /// After the trace's last change all stays as it is then.
    package mutating func follow(_ trace: AvailabilityTrace, type: String) {
        let pool = Pool(market: .spot, type: type, zone: trace.zone)
        traces[pool] = trace
        turnTrace(of: pool, to: 0, since: now)
    }

    mutating func turnTrace(of pool: Pool, to place: Int, since start: Timestamp) {
        guard let changes = traces[pool]?.changes, place < changes.count else { return }
        let change = changes[place]
        slots[pool] = change.slots
        if let price = change.price {
            setSpotPrice(Double(price.micros) / 1_000_000, of: pool)
        }
        if place + 1 < changes.count {
            let due = start.milliseconds + changes[place + 1].at
            agenda.enter(
                .trace(pool, change: place + 1, since: start),
                at: Timestamp(milliseconds: due))
        }
        takeSurplus(of: pool)
    }

    /// Takes the newest of the machines that a pool has no room for; one that is only coming up
    /// fails.
    private mutating func takeSurplus(of pool: Pool) {
        guard let room = slots[pool] else { return }
        let living = order.compactMap { instances[$0] }
            .filter { machine in
                machine.pool == pool && machine.interruption == nil
                    && (machine.state == .running || machine.state == .pending)
            }
            .sorted { ($1.launchTime, $1.id) < ($0.launchTime, $0.id) }
        for machine in living.prefix(max(0, living.count - room)) {
            if machine.state == .pending {
                failLaunch(machine.id, because: .noCapacity)
            } else {
                let isSudden = generator.chance(Self.noTraceNotice)
                interrupt(machine.id, notice: isSudden ? nil : Self.traceNotice)
            }
        }
    }
}
