package import Training

/// What becomes of the runs and the machines of a world, as somebody sees it who stands beside
/// them: none of it is read from our own records.
package struct FleetStory: Hashable, Sendable {
    package private(set) var runs: [RunName: RunStory] = [:]
    /// In the order in which they began.
    package private(set) var stays: [MachineStay] = []

    private var launched: [InstanceID: Instance] = [:]
    /// Machines that are on the bill, by their place in `stays`.
    private var open: [InstanceID: Int] = [:]
    private var noticed: Set<InstanceID> = []

    /// `needed`: the step at which each run completes.
    init(needed: [RunName: Int]) {
        runs = needed.mapValues { RunStory(needed: $0) }
    }

    mutating func note(_ fact: WorldFact, at now: Timestamp, in cloud: SimulatedCloud) {
        switch fact {
        case .launched(let instance, _):
            // The answer to a launch that is asked for again names the same machine.
            guard launched.updateValue(instance, forKey: instance.id) == nil else { return }
            if let run = instance.run { runs[run]?.launched(attempt: instance.attempt ?? 0) }
        case .befell(let event):
            let machine = cloud.regions[event.region]?.instances[event.instance]
            befell(event, because: machine?.reason?.cause)
        default: break
        }
    }

    mutating func note(
        _ fact: MachineFact, of run: RunName, on machine: InstanceID, at now: Timestamp
    ) {
        runs[run]?.note(fact, on: machine, at: now)
    }

    private mutating func befell(_ event: CloudEvent, because cause: SimulatedEC2.Cause?) {
        let isTaken = cause == .spotTermination
        switch event.kind {
        case .booted: begin(event)
        case .noticed:
            noticed.insert(event.instance)
            taken(event.instance, hadNotice: true)
        case .shutdownAsked: end(event, isTaken: isTaken)
        case .powerCut:
            if isTaken, noticed.remove(event.instance) == nil {
                taken(event.instance, hadNotice: false)
            }
            end(event, isTaken: isTaken)
        case .rebalanceRecommended, .maintenanceScheduled, .faded: break
        }
    }

    private mutating func taken(_ machine: InstanceID, hadNotice: Bool) {
        guard let run = launched[machine]?.run else { return }
        runs[run]?.taken(hadNotice: hadNotice)
    }

    private mutating func begin(_ event: CloudEvent) {
        guard let instance = launched[event.instance] else { return }
        open[event.instance] = stays.count
        stays.append(
            MachineStay(
                machine: event.instance, run: instance.run, region: event.region,
                pool: SimulatedEC2.Pool(
                    market: SimulatedMarket(instance.market), type: instance.instanceType,
                    zone: instance.zone), from: event.at))
    }

    private mutating func end(_ event: CloudEvent, isTaken: Bool) {
        guard let place = open.removeValue(forKey: event.instance) else { return }
        stays[place].until = event.at
        stays[place].isTaken = isTaken
    }

    /// Ends the story: what is done is counted, and every machine is paid for.
    mutating func end(in cloud: SimulatedCloud, at now: Timestamp, _ step: (InstanceID) -> Int?) {
        for run in runs.keys { runs[run]?.end(at: now, step) }
        for place in stays.indices {
            let stay = stays[place]
            stays[place].cost = cloud.regions[stay.region]?.cost(of: stay, until: now) ?? 0
        }
    }
}
