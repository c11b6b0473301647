package import Training

/// One region's EC2, stricter than the real one: a value that knows no clock and no chance but
/// its own generator.
///
/// Calls take effect at `now`, which only `advance(to:)` moves. Rules and figures: the EC2 API
/// model (2016-11-15) and the EC2 user guide, where a comment names nothing else.
package struct SimulatedEC2: Sendable {
    package let region: String
    package let account: String
    package var rules: Rules
    package var place: Place
    package internal(set) var now: Timestamp
    package internal(set) var instances: [InstanceID: SimulatedInstance] = [:]
    package internal(set) var spotRequests: [String: SpotRequest] = [:]
    /// Slots of each pool in all; no entry: without end.
    package internal(set) var slots: [Pool: Int] = [:]
    /// The spot price of a pool in US dollars an hour; no entry: 40 % of the on-demand price.
    package internal(set) var spotPrices: [Pool: [PricePoint]] = [:]
    package internal(set) var weather: [Pool: PoolWeather] = [:]
    /// What pools follow that are in no weather.
    var traces: [Pool: AvailabilityTrace] = [:]

    /// What the account's programs are answered, whatever they ask.
    var refusals = Refusals()
    /// Addresses that others have taken, by subnet.
    var takenAddresses: [String: Int] = [:]

    /// Ids in the order that describes page through.
    var order: [InstanceID] = []
    var tokens: [TokenScope: TokenRecord] = [:]
    var used: [Pool: Int] = [:]
    var usedVCPUs: [Quota: Int] = [:]
    var throttle: Throttle
    var agenda = Agenda<Transition>()
    var generator: SplitMix64
    var happened: [CloudEvent] = []
    var launched = 0

    package init(
        region: String, account: String = "123456789012", at start: Timestamp, seed: UInt64,
        rules: Rules = .real
    ) {
        self.region = region
        self.account = account
        now = start
        self.rules = rules
        place = .usual(region)
        throttle = Throttle(at: start)
        generator = SplitMix64(seed: seed)
    }

    /// Answers to calls that EC2 does not look at; nil: it does.
    struct Refusals: Hashable, Sendable {
        var call: CloudFailure?
        var launch: CloudFailure?
    }

    /// When something is due next; `now` while events wait to be taken.
    package var nextEvent: Timestamp? { happened.isEmpty ? agenda.next : now }

    /// Brings the region to `moment`: everything that was due happens in its order.
    ///
    /// Gives what befell machines since the last time; a moment in the past changes nothing.
    package mutating func advance(to moment: Timestamp) -> [CloudEvent] {
        while let (due, transition) = agenda.take(dueAt: moment) {
            now = max(now, due)
            handle(transition)
        }
        now = max(now, moment)
        defer { happened = [] }
        return happened
    }

    package func machineType(_ name: String) -> MachineType? {
        place.types.first { $0.name == name }
    }

    func arn(_ kind: String, _ id: String) -> String {
        "arn:aws:ec2:\(region):\(account):\(kind)/\(id)"
    }

    mutating func tell(_ instance: InstanceID, _ kind: CloudEvent.Kind) {
        happened.append(CloudEvent(at: now, region: region, instance: instance, kind: kind))
    }

    /// Counts the call against its request bucket, and what it touches against its other one.
    mutating func spend(_ bucket: Throttle.Bucket, resources: Int = 0) throws(CloudFailure) {
        guard rules.throttles else { return }
        guard throttle.take(bucket, resources: resources, at: now) else {
            throw CloudFailure(status: 503, "RequestLimitExceeded", "Request limit exceeded.")
        }
    }

    /// Ends a dry run whose checks have all passed.
    func refuseIfDry(_ dryRun: Bool) throws(CloudFailure) {
        guard dryRun else { return }
        throw CloudFailure(
            status: 412, "DryRunOperation",
            "Request would have succeeded, but DryRun flag is set.")
    }
}
