package import Training

/// A whole AWS account as one value: its regions' EC2, its buckets, identities, parameters and
/// queues, the faults that strike it, and the log of what was called.
///
/// The same model serves virtual time and the wire: whoever holds it says what time it is, hands
/// each call in through `perform`, and takes what befell machines from `advance`.
package struct SimulatedCloud: Sendable {
    package let account: String
    package private(set) var now: Timestamp
    package var regions: [String: SimulatedEC2] = [:]
    package var s3: SimulatedS3
    package var iam: SimulatedIAM
    package var ssm = SimulatedSSM()
    package var sqs = SimulatedSQS()
    package var faults = FaultPlan()
    package var log = CallLog()
    /// The queue of each region that gets EC2's events; no entry: they go nowhere.
    package var eventQueues: [String: String] = [:]

    var generator: SplitMix64
    var metadataTokens: [String: MetadataToken] = [:]
    var roleSessions: [InstanceID: SimulatedIAM.Session] = [:]
    private var happened: [CloudEvent] = []

    package init(
        regions names: [String], account: String = "123456789012", at start: Timestamp,
        seed: UInt64, rules: SimulatedEC2.Rules = .real
    ) {
        self.account = account
        now = start
        generator = SplitMix64(seed: seed)
        s3 = SimulatedS3(seed: generator.next())
        iam = SimulatedIAM(account: account)
        for name in names.sorted() {
            regions[name] = SimulatedEC2(
                region: name, account: account, at: start, seed: generator.next(), rules: rules)
            ssm.publishImages(of: regions[name]?.place, in: name)
        }
    }

    /// One region, changed in place.
    ///
    /// Only regions of the account exist: `perform` has checked.
    package subscript(ec2 region: String) -> SimulatedEC2 {
        get { regions[region] ?? unknownRegion(region) }
        _modify {
            var value = regions.removeValue(forKey: region) ?? unknownRegion(region)
            defer { regions[region] = value }
            yield &value
        }
    }

    private func unknownRegion(_ name: String) -> SimulatedEC2 {
        SimulatedEC2(region: name, account: account, at: now, seed: 0)
    }

    /// When something is due next in any region.
    package var nextEvent: Timestamp? {
        happened.isEmpty ? regions.values.compactMap(\.nextEvent).min() : now
    }

    /// Brings every region to `moment`, and gives what befell machines since the last time, in
    /// the order of time, then of region.
    package mutating func advance(to moment: Timestamp) -> [CloudEvent] {
        move(to: moment)
        defer { happened = [] }
        return happened
    }

    mutating func move(to moment: Timestamp) {
        now = max(now, moment)
        var fresh: [CloudEvent] = []
        // The order of regions is no matter: what comes of it is sorted.
        for place in regions.values.indices {
            fresh += regions.values[place].advance(to: now)
        }
        if fresh.count > 1, regions.count > 1 {
            fresh.sort { ($0.at, $0.region) < ($1.at, $1.region) }
        }
        happened += fresh
        for event in fresh { publish(event) }
    }

    // MARK: People and the world, who need no permission

    /// Hands EC2's own message about an event to the region's queue.
    private mutating func publish(_ event: CloudEvent) {
        guard let queue = eventQueues[event.region],
            let body = EventMessage.body(of: event, account: account, id: generator.hex(32))
        else { return }
        sqs.post(body, to: queue, in: event.region, at: event.at)
    }
}
