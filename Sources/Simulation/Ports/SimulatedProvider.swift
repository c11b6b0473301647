package import Training

/// The port `InstanceProvider` as a simulated EC2 of one region answers it, at once.
///
/// Asks EC2 directly: no identity, no fault rule, no entry in the log of calls; but for what EC2
/// itself does to callers (throttles, delays, empty pages). A call takes effect at `moment`, to
/// which it brings the whole cloud. Means what the client of the real EC2 means; the contract of
/// all providers runs on both.
package struct SimulatedProvider: Hashable, Sendable {
    package let region: String

    package init(region: String) {
        self.region = region
    }

    // MARK: Looks

    package func describe(
        scope: String, in cloud: inout SimulatedCloud, at moment: Timestamp
    ) throws(ProviderFailure) -> [Instance] {
        var call = SimulatedEC2.DescribeInstances()
        call.filters = [SimulatedEC2.Filter("tag:holdfast:scope", exactly: scope)]
        return try ask(&cloud, moment) { ec2 throws(CloudFailure) in
            try machines(call, in: &ec2).map(instance)
        }
    }

    package func describe(
        instance id: InstanceID, in cloud: inout SimulatedCloud, at moment: Timestamp
    ) throws(ProviderFailure) -> Instance? {
        try ask(&cloud, moment) { ec2 throws(CloudFailure) in
            try ec2.look(at: id).map(instance)
        }
    }

    /// At most 64 KiB, the newest; nil when it wrote nothing.
    package func consoleOutput(
        of id: InstanceID, in cloud: inout SimulatedCloud, at moment: Timestamp
    ) throws(ProviderFailure) -> [UInt8]? {
        let bytes = try ask(&cloud, moment) { ec2 throws(CloudFailure) in
            try ec2.getConsoleOutput(id).bytes
        }
        return bytes.isEmpty ? nil : bytes
    }

    // MARK: Orders

    package func start(
        _ id: InstanceID, in cloud: inout SimulatedCloud, at moment: Timestamp
    ) throws(ProviderFailure) {
        try order(id, &cloud, moment) { ec2 throws(CloudFailure) in
            _ = try ec2.startInstances([id])
        }
    }

    package func stop(
        _ id: InstanceID, in cloud: inout SimulatedCloud, at moment: Timestamp
    ) throws(ProviderFailure) {
        try order(id, &cloud, moment) { ec2 throws(CloudFailure) in
            _ = try ec2.stopInstances([id])
        }
    }

    package func terminate(
        _ id: InstanceID, in cloud: inout SimulatedCloud, at moment: Timestamp
    ) throws(ProviderFailure) {
        try ask(&cloud, moment) { ec2 throws(CloudFailure) in
            _ = try ec2.terminateInstances([id])
        }
    }

    package func tag(
        _ id: InstanceID, _ tags: [String: String], in cloud: inout SimulatedCloud,
        at moment: Timestamp
    ) throws(ProviderFailure) {
        try ask(&cloud, moment) { ec2 throws(CloudFailure) in
            try ec2.createTags([id.text], SimulatedEC2.KeyValue.list(tags))
        }
    }

    /// A state that forbids it is for now, but for a machine that has ended for good.
    private func order(
        _ id: InstanceID, _ cloud: inout SimulatedCloud, _ moment: Timestamp,
        _ body: (inout SimulatedEC2) throws(CloudFailure) -> Void
    ) throws(ProviderFailure) {
        do throws(CloudFailure) {
            try reach(&cloud, moment, body)
        } catch {
            if error.code == "IncorrectInstanceState",
                let machine = try describe(instance: id, in: &cloud, at: moment),
                machine.state == .shuttingDown || machine.state == .terminated
            {
                throw .unsupported(error.description)
            }
            throw ProviderFailure(error)
        }
    }

    // MARK: Reaching EC2

    func ask<Answer>(
        _ cloud: inout SimulatedCloud, _ moment: Timestamp,
        _ body: (inout SimulatedEC2) throws(CloudFailure) -> Answer
    ) throws(ProviderFailure) -> Answer {
        do throws(CloudFailure) {
            return try reach(&cloud, moment, body)
        } catch {
            throw ProviderFailure(error)
        }
    }

    func reach<Answer>(
        _ cloud: inout SimulatedCloud, _ moment: Timestamp,
        _ body: (inout SimulatedEC2) throws(CloudFailure) -> Answer
    ) throws(CloudFailure) -> Answer {
        cloud.move(to: moment)
        guard let place = cloud.regions.index(forKey: region) else {
            throw CloudFailure("UnknownRegion", "No region \(region) in this account.")
        }
        if let refusal = cloud.regions.values[place].refusals.call { throw refusal }
        return try body(&cloud.regions.values[place])
    }

    /// All pages of a list.
    func machines(
        _ call: SimulatedEC2.DescribeInstances, in ec2: inout SimulatedEC2
    ) throws(CloudFailure) -> [SimulatedInstance] {
        var call = call
        call.maxResults = 1000
        var found: [SimulatedInstance] = []
        repeat {
            let page = try ec2.describeInstances(call)
            found += page.items
            call.nextToken = page.nextToken
        } while call.nextToken != nil
        return found
    }

    func instance(_ machine: SimulatedInstance) -> Instance {
        let origin = machine.origin
        // What describes tell of the time: only of a user's order, and in whole seconds.
        let since = machine.reason.flatMap { $0.cause == .user ? $0.at.inWholeSeconds : nil }
        return Instance(
            id: machine.id, state: machine.state.seen, stateReason: machine.reason?.code ?? "",
            market: machine.market.seen, region: region,
            clientToken: origin.request.clientToken ?? "", tags: machine.tags,
            launchedAt: machine.launchTime, stateSince: since, instanceType: origin.type.name,
            zone: origin.pool.zone)
    }
}

extension SimulatedEC2.KeyValue {
    /// By key, as the client sends them.
    static func list(_ tags: [String: String]) -> [Self] {
        tags.sorted { $0.key < $1.key }.map { Self($0.key, $0.value) }
    }
}

extension SimulatedInstance.State {
    var seen: Instance.State {
        switch self {
        case .pending: .pending
        case .running: .running
        case .shuttingDown: .shuttingDown
        case .terminated: .terminated
        case .stopping: .stopping
        case .stopped: .stopped
        }
    }
}

extension SimulatedMarket {
    init(_ market: Market) {
        self = market == .spot ? .spot : .onDemand
    }

    var seen: Market { self == .spot ? .spot : .onDemand }
}
