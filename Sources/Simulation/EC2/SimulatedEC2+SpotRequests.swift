import Training

extension SimulatedEC2 {
    package struct DescribeSpotInstanceRequests: Hashable, Sendable {
        package var requestIDs: [String] = []
        package var filters: [Filter] = []
        package var maxResults: Int?
        package var nextToken: String?
        package var dryRun = false

        package init() {}
    }

    /// Spot requests by id, while they are remembered.
    package mutating func describeSpotInstanceRequests(
        _ call: DescribeSpotInstanceRequests
    ) throws(CloudFailure) -> Page<SpotRequest> {
        let isPlain = call.filters.isEmpty && call.maxResults == nil && call.nextToken == nil
        try spend(isPlain ? .describeAll : .describe)
        let sieve = try Sieve(call.filters, property: Self.requestProperty)
        if let size = call.maxResults, !(5...1000).contains(size) {
            throw .invalid("Value ( \(size) ) for parameter maxResults is invalid. 5 to 1000.")
        }
        if let unknown = call.requestIDs.first(where: { spotRequests[$0] == nil }) {
            throw unknownRequest(unknown)
        }
        var cursor = try Cursor(call.nextToken, filters: call.filters)
        try refuseIfDry(call.dryRun)
        let ids = (call.requestIDs.isEmpty ? Array(spotRequests.keys) : call.requestIDs).sorted()
        let found = ids.filter { $0 > cursor.after ?? "" }.compactMap { spotRequests[$0] }
            .filter { sieve.passes($0) }
        let size = call.maxResults ?? 1000
        guard found.count > size else { return Page(items: found, nextToken: nil) }
        cursor.after = found[size - 1].id
        return Page(items: Array(found.prefix(size)), nextToken: cursor.token)
    }

    /// Cancels requests: an active one's machine runs on, a disabled one's stopped machine is
    /// terminated.
    package mutating func cancelSpotInstanceRequests(
        _ ids: [String], dryRun: Bool = false
    ) throws(CloudFailure) -> [SpotRequest] {
        try spend(.mutate)
        guard !ids.isEmpty else { throw .missing("SpotInstanceRequestId") }
        if let unknown = ids.first(where: { spotRequests[$0] == nil }) {
            throw unknownRequest(unknown)
        }
        try refuseIfDry(dryRun)
        for id in ids { cancel(id) }
        return ids.compactMap { spotRequests[$0] }
    }

    private mutating func cancel(_ id: String) {
        guard let request = spotRequests[id] else { return }
        switch request.state {
        case .active: set(id, .cancelled, "request-canceled-and-instance-running")
        case .disabled:
            set(id, .cancelled, "instance-terminated-by-user")
            if let instance = request.instance {
                shutDown(instance, to: .terminated, because: .user)
            }
        case .open:
            set(id, .cancelled, "canceled-before-fulfillment")
            schedule(
                .forgetRequest(id), after: rules.spotRequestMemory...rules.spotRequestMemory)
        case .closed, .cancelled, .failed: break
        }
    }

    private func unknownRequest(_ id: String) -> CloudFailure {
        CloudFailure(
            "InvalidSpotInstanceRequestID.NotFound",
            "The spot instance request ID '\(id)' does not exist")
    }

    private static func requestProperty(_ name: String) -> Property<SpotRequest>? {
        if name.hasPrefix("tag:") {
            let key = String(name.dropFirst(4))
            return .one { $0.tags[key] }
        }
        switch name {
        case "tag-key": return .many { Array($0.tags.keys) }
        case "instance-id": return .one { $0.instance?.text }
        case "spot-instance-request-id": return .one { $0.id }
        case "state": return .one { $0.state.rawValue }
        case "status-code": return .one { $0.status }
        case "launched-availability-zone": return .one { $0.pool.zone }
        case "type": return .one { $0.isPersistent ? "persistent" : "one-time" }
        default: return nil
        }
    }

    // MARK: What becomes of a request

    mutating func openRequest(for machine: SimulatedInstance) -> String {
        let id = "sir-" + generator.hex(8)
        spotRequests[id] = SpotRequest(
            id: id, request: machine.request, pool: machine.pool, subnet: machine.subnet,
            createTime: now, state: .active, status: "fulfilled", statusTime: now,
            instance: machine.id,
            tags: Self.dictionary(machine.request.tags(of: "spot-instances-request")))
        return id
    }

    mutating func set(_ id: String, _ state: SpotRequest.State, _ status: String) {
        // A cancelled request stays so, whatever becomes of its machine.
        if spotRequests[id]?.isCancelled != true { spotRequests[id]?.state = state }
        spotRequests[id]?.status = status
        spotRequests[id]?.statusTime = now
    }

    mutating func fulfilled(_ id: String) {
        set(id, .active, "fulfilled")
    }

    /// The machine is on its way out: a one-time request closes, a persistent one opens again.
    mutating func noteEnd(of id: String?, _ status: String) {
        guard let id, let request = spotRequests[id] else { return }
        set(id, request.isPersistent ? .open : .closed, status)
    }

    mutating func noteStop(_ id: String?, _ status: String) {
        if let id { set(id, .disabled, status) }
    }

    /// The machine has ended for good: the request asks for another one, or is remembered only.
    mutating func settle(_ id: String) {
        guard let request = spotRequests[id] else { return }
        if request.state == .open {
            schedule(.fulfil(id), after: rules.fulfilment)
        } else {
            schedule(
                .forgetRequest(id), after: rules.spotRequestMemory...rules.spotRequestMemory)
        }
    }

    /// Launches a machine for an open persistent request, or tries again later.
    mutating func fulfil(_ id: String) {
        guard let request = spotRequests[id], request.state == .open else { return }
        if let until = request.request.spot?.validUntil, until < now {
            set(id, .closed, "schedule-expired")
            settle(id)
            return
        }
        guard freeSlots(in: request.pool) != 0,
            let type = machineType(request.pool.type),
            let subnet = place.subnets.firstIndex(where: { $0.id == request.subnet })
        else {
            set(id, .open, "capacity-not-available")
            schedule(.fulfil(id), after: rules.fulfilment)
            return
        }
        refill(id, request, type: type, subnet: subnet)
    }
}
