import Training

extension SimulatedEC2 {
    /// Makes machines for which everything has been checked, and what belongs to them.
    mutating func create(
        _ count: Int, _ request: RunInstances, type: MachineType, pool: Pool, subnet: Int,
        reopening earlier: String? = nil
    ) -> [SimulatedInstance] {
        let reservation = "r-" + generator.hex(17)
        return (0..<count).map { index in
            var machine = draft(
                request, type: type, pool: pool, subnet: subnet, reservation: reservation,
                index: index)
            if request.spot != nil { machine.spotRequest = earlier ?? openRequest(for: machine) }
            admit(&machine)
            return machine
        }
    }

    private mutating func draft(
        _ request: RunInstances, type: MachineType, pool: Pool, subnet: Int,
        reservation: String, index: Int
    ) -> SimulatedInstance {
        let id = InstanceID("i-" + generator.hex(17))
        let origin = SimulatedInstance.Origin(
            reservation: reservation, launchIndex: index, request: request, type: type,
            pool: pool, subnet: place.subnets[subnet], address: nextAddress(),
            rootVolume: "vol-" + generator.hex(17))
        return SimulatedInstance(
            id: id, origin: origin, spotRequest: nil, state: .pending, reason: nil,
            launchTime: now, stateSince: now,
            tags: Self.dictionary(request.tags(of: "instance")),
            visibleFrom: Timestamp(
                milliseconds: now.milliseconds + generator.span(rules.visibility)),
            metadata: request.metadata, isTerminationProtected: request.disablesTermination)
    }

    /// Takes the pool's slot, the address and the vCPUs, and lets the machine come up.
    mutating func admit(_ machine: inout SimulatedInstance) {
        occupy(machine)
        if let subnet = place.subnets.firstIndex(where: { $0.id == machine.subnet }) {
            place.subnets[subnet].freeAddresses -= 1
        }
        let at = order.partitioningIndex { $0 >= machine.id }
        order.insert(machine.id, at: at)
        instances[machine.id] = machine
        schedule(.up(machine.id, epoch: machine.epoch), after: rules.boot)
    }

    mutating func schedule(_ transition: Transition, after span: ClosedRange<Int64>) {
        let due = now.milliseconds + generator.span(span)
        agenda.enter(transition, at: Timestamp(milliseconds: due))
    }

    /// A machine that runs again or anew counts in its pool and its quota.
    mutating func occupy(_ machine: SimulatedInstance) {
        used[machine.pool, default: 0] += 1
        usedVCPUs[machine.quota, default: 0] += machine.type.vCPUs
    }

    private mutating func nextAddress() -> String {
        defer { launched += 1 }
        return "\(launched / 256 % 256).\(launched % 256)"
    }

    static func dictionary(_ tags: [KeyValue]) -> [String: String] {
        Dictionary(tags.map { ($0.key, $0.value) }) { _, last in last }
    }
}

extension SimulatedInstance {
    var quota: SimulatedEC2.Quota { SimulatedEC2.Quota(market, type.family) }
}

extension Array {
    /// The first index whose element satisfies `predicate`, which all later ones satisfy too.
    func partitioningIndex(where predicate: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if predicate(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
