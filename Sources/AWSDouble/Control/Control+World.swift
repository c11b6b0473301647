import Simulation
import Training

/// What befalls machines and regions.
///
/// | `instances/ID/ACT` | body |
/// |---|---|
/// | `interrupt` | `{"notice": seconds}`; without it the power goes at once |
/// | `rebalance` | |
/// | `maintenance` | `{"code", "in": seconds}` |
/// | `metadata` | `{"enabled"}`: the metadata service answers, or refuses all |
/// | `terminate`, `stop`, `start` | as a person does in the console |
/// | `tags` | `{"set": {…}, "remove": […]}`, as a person does |
/// | `console` | `{"text"}`: as a program on it writes to its serial console |
///
/// | `regions/REGION/THING` | body |
/// |---|---|
/// | `capacity` | `{"type", "zone", "market", "slots"}`; no zone: all; no slots: without end |
/// | `addresses` | `{"subnet", "free"}`: how many addresses a subnet has left |
/// | `price` | `{"type", "zone", "price"}` |
/// | `quota` | `{"market", "family", "vcpus"}`; no vcpus: no limit |
/// | `rules` | any of `RuleChange` |
/// | `drain-throttle` | another tool of the account has used up all that may be asked now |
/// | `throttle` | `{"exhausted"}`: others use up every request from now on, or no more |
extension Control {
    struct MachineList: Encodable { var instances: [MachineState] }

    /// A machine as it really is, whatever describes show.
    struct MachineState: Encodable {
        var id: String
        var region: String
        var zone: String
        var type: String
        var state: String
        var stateReason: String
        var clientToken: String
        var tags: [String: String]
        var boots: Int
        /// Its `HOLDFAST_ROOT`; empty when its user data does not run.
        var root: String
        /// Its metadata endpoint; empty when it has none.
        var metadata: String
    }

    func machines() -> MachineList {
        var list: [MachineState] = []
        let regions = cloud.with { $0.regions.mapValues { Array($0.instances.values) } }
        for (region, instances) in regions.sorted(by: { $0.key < $1.key }) {
            for instance in instances.sorted(by: { $0.id < $1.id }) {
                let member = fleet[instance.id]
                list.append(
                    MachineState(
                        id: instance.id.text, region: region, zone: instance.pool.zone,
                        type: instance.type.name, state: instance.state.rawValue,
                        stateReason: instance.reason?.code ?? "",
                        clientToken: instance.request.clientToken ?? "",
                        tags: instance.tags, boots: instance.boots, root: member?.root ?? "",
                        metadata: member.map { "http://127.0.0.1:\($0.listener.port)" } ?? ""))
            }
        }
        return MachineList(instances: list)
    }

    // MARK: Machines

    private struct Interruption: Decodable { var notice: Double? }
    private struct Maintenance: Decodable {
        var code: String
        var `in`: Int
    }
    private struct Switch: Decodable { var enabled: Bool }
    private struct TagChange: Decodable {
        var set: [String: String]?
        var remove: [String]?
    }

    private struct Exhaustion: Decodable { var exhausted: Bool }
    private struct Writing: Decodable { var text: String }

    func befall(_ id: InstanceID, _ act: String, _ body: [UInt8]) throws(Refusal) {
        guard let region = cloud.region(of: id) else { throw .unknown }
        switch act {
        case "interrupt":
            let notice = try read(Interruption.self, body).notice
            edit(region) { $0.interrupt(id, notice: notice.map { Int64($0 * 1000) }) }
        case "rebalance": edit(region) { $0.recommendRebalance(id) }
        case "maintenance":
            let event = try read(Maintenance.self, body)
            edit(region) { model in
                let start = model.now + Seconds(event.in)
                model.scheduleMaintenance(
                    id,
                    SimulatedInstance.Maintenance(
                        id: "instance-event-" + Digest(of: id.text).hex.prefix(17),
                        code: event.code, detail: "scheduled by the double", notBefore: start,
                        notAfter: start + Seconds(3600)))
            }
        case "metadata":
            guard let member = fleet.member(id, in: region) else { throw .unknown }
            member.metadata.isSwitchedOff = try !read(Switch.self, body).enabled
        case "console":
            let text = try read(Writing.self, body).text
            edit(region) { $0.write(text.utf8, toConsoleOf: id) }
        case "terminate":
            try order(region) { model throws(CloudFailure) in
                _ = try model.terminateInstances([id])
            }
        case "stop":
            try order(region) { model throws(CloudFailure) in _ = try model.stopInstances([id]) }
        case "start":
            try order(region) { model throws(CloudFailure) in _ = try model.startInstances([id]) }
        case "tags":
            let change = try read(TagChange.self, body)
            let set = (change.set ?? [:]).sorted { $0.key < $1.key }
                .map { SimulatedEC2.KeyValue($0.key, $0.value) }
            try order(region) { model throws(CloudFailure) in
                if !set.isEmpty { try model.createTags([id.text], set) }
                if let gone = change.remove { try model.deleteTags([id.text], keys: gone) }
            }
        default: throw .unknown
        }
    }

    private func edit(_ region: String, _ body: (inout SimulatedEC2) -> Void) {
        cloud.with { body(&$0[ec2: region]) }
    }

    /// What a person does without a throttle, but not against EC2's rules.
    private func order(
        _ region: String, _ body: (inout SimulatedEC2) throws(CloudFailure) -> Void
    ) throws(Refusal) {
        do throws(CloudFailure) {
            try cloud.with { cloud throws(CloudFailure) in
                let throttles = cloud[ec2: region].rules.throttles
                cloud[ec2: region].rules.throttles = false
                defer { cloud[ec2: region].rules.throttles = throttles }
                try body(&cloud[ec2: region])
            }
        } catch {
            throw Refusal(status: error.status, message: error.description)
        }
    }

    // MARK: Regions

    private struct Capacity: Decodable {
        var type: String
        var zone: String?
        var market: String
        var slots: Int?
    }
    private struct Addresses: Decodable {
        var subnet: String
        var free: Int
    }
    private struct Price: Decodable {
        var type: String
        var zone: String
        var price: Double
    }
    private struct QuotaChange: Decodable {
        var market: String
        var family: String
        var vcpus: Int?
    }

    func change(_ region: String, _ thing: String, _ body: [UInt8]) throws(Refusal) {
        guard cloud.with({ $0.regions[region] != nil }) else { throw .unknown }
        switch thing {
        case "capacity":
            let change = try read(Capacity.self, body)
            let market = try market(change.market)
            edit(region) { model in
                for zone in model.place.zones where (change.zone ?? zone.name) == zone.name {
                    model.setSlots(
                        change.slots,
                        of: SimulatedEC2.Pool(market: market, type: change.type, zone: zone.name))
                }
            }
        case "addresses":
            let change = try read(Addresses.self, body)
            edit(region) { model in
                for at in model.place.subnets.indices
                where model.place.subnets[at].id == change.subnet {
                    model.place.subnets[at].freeAddresses = change.free
                }
            }
        case "price":
            let change = try read(Price.self, body)
            edit(region) { model in
                model.setSpotPrice(
                    change.price,
                    of: SimulatedEC2.Pool(market: .spot, type: change.type, zone: change.zone))
            }
        case "quota":
            let change = try read(QuotaChange.self, body)
            let market = try market(change.market)
            guard let family = SimulatedEC2.Quota.Family(rawValue: change.family) else {
                throw .malformed("no such family: \(change.family)")
            }
            edit(region) { $0.rules.quotas[SimulatedEC2.Quota(market, family)] = change.vcpus }
        case "rules":
            let change = try read(RuleChange.self, body)
            edit(region) { change.apply(to: &$0.rules) }
        case "throttle":
            let isExhausted = try read(Exhaustion.self, body).exhausted
            edit(region) { $0.setExhausted(isExhausted) }
        case "drain-throttle": edit(region) { $0.drainThrottle() }
        default: throw .unknown
        }
    }

    private func market(_ text: String) throws(Refusal) -> SimulatedMarket {
        guard let market = SimulatedMarket(rawValue: text) else {
            throw .malformed("the market is spot or on-demand, not \(text)")
        }
        return market
    }
}
