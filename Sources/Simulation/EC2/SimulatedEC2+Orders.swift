package import Training

extension SimulatedEC2 {
    /// What an order changed about one machine.
    package struct StateChange: Hashable, Sendable {
        package var instance: InstanceID
        package var previous: SimulatedInstance.State
        package var current: SimulatedInstance.State
    }

    /// Terminates every machine of `ids`, or none when one is unknown.
    ///
    /// When one is protected, none of its zone is terminated, those of other zones are, and the
    /// call fails.
    package mutating func terminateInstances(
        _ ids: [InstanceID], dryRun: Bool = false
    ) throws(CloudFailure) -> [StateChange] {
        try spend(.terminate, resources: ids.count)
        let machines = try find(ids)
        try refuseIfDry(dryRun)
        let shut = machines.filter { $0.isTerminationProtected && !$0.hasEnded }
        let shutZones = Set(shut.map(\.pool.zone))
        let changes = machines.filter { !shutZones.contains($0.pool.zone) }.map { machine in
            change(machine.id) { region in
                region.endByUser(machine)
            }
        }
        if let first = shut.first {
            throw CloudFailure(
                "OperationNotPermitted",
                "The instance '\(first.id)' may not be terminated. Modify its "
                    + "'disableApiTermination' instance attribute and try again.")
        }
        return changes
    }

    /// Stops machines that can be started again; one that cannot be stopped fails the call.
    package mutating func stopInstances(
        _ ids: [InstanceID], dryRun: Bool = false
    ) throws(CloudFailure) -> [StateChange] {
        try spend(.stop, resources: ids.count)
        let machines = try find(ids)
        for machine in machines {
            if let spot = machine.request.spot, !spot.isPersistent {
                throw CloudFailure(
                    "UnsupportedOperation",
                    "You can't stop the Spot Instance '\(machine.id)' because it is associated "
                        + "with a one-time Spot Instance request. You can only stop Spot "
                        + "Instances associated with persistent Spot Instance requests.")
            }
            guard [.running, .stopping, .stopped].contains(machine.state) else {
                throw wrongState(machine, "stopped")
            }
        }
        try refuseIfDry(dryRun)
        return machines.map { machine in
            change(machine.id) { region in
                guard machine.state == .running else { return }
                region.instances[machine.id]?.isRestartedByEC2 = false
                region.shutDown(machine.id, to: .stopped, because: .user)
                region.noteStop(machine.spotRequest, "instance-stopped-by-user")
            }
        }
    }

    /// Starts stopped machines, where their pools have room.
    package mutating func startInstances(
        _ ids: [InstanceID], dryRun: Bool = false
    ) throws(CloudFailure) -> [StateChange] {
        try spend(.start, resources: ids.count)
        let machines = try find(ids)
        for machine in machines {
            guard [.pending, .running, .stopped].contains(machine.state) else {
                throw wrongState(machine, "started")
            }
            if machine.state == .stopped && machine.isRestartedByEC2 {
                throw CloudFailure(
                    "IncorrectSpotRequestState",
                    "You can't start the Spot Instance '\(machine.id)' because the associated "
                        + "Spot Instance request is not in an appropriate state to support start.")
            }
        }
        var needed: [Pool: Int] = [:]
        for machine in machines where machine.state == .stopped {
            needed[machine.pool, default: 0] += 1
        }
        for pool in needed.keys.sorted() {
            if let left = freeSlots(in: pool), left < needed[pool, default: 0] {
                throw noCapacity(in: pool)
            }
        }
        try checkQuotas(of: machines.filter { $0.state == .stopped })
        try refuseIfDry(dryRun)
        return machines.map { machine in
            change(machine.id) { region in
                if machine.state == .stopped { region.powerOn(machine) }
            }
        }
    }

    /// A stopped machine does not count until it is started.
    private func checkQuotas(of machines: [SimulatedInstance]) throws(CloudFailure) {
        var used = usedVCPUs
        for machine in machines {
            used[machine.quota, default: 0] += machine.type.vCPUs
            guard let most = rules.quotas[machine.quota], used[machine.quota, default: 0] > most
            else { continue }
            throw overQuota(machine.market, most)
        }
    }

    mutating func powerOn(_ machine: SimulatedInstance) {
        enter(.pending, machine.id)
        instances[machine.id]?.reason = nil
        instances[machine.id]?.launchTime = now
        instances[machine.id]?.isRestartedByEC2 = false
        occupy(machine)
        if let request = machine.spotRequest { fulfilled(request) }
        if let epoch = instances[machine.id]?.epoch {
            schedule(.up(machine.id, epoch: epoch), after: rules.boot)
        }
    }

    private mutating func endByUser(_ machine: SimulatedInstance) {
        guard !machine.hasEnded else { return }
        shutDown(machine.id, to: .terminated, because: .user)
        noteEnd(of: machine.spotRequest, "instance-terminated-by-user")
    }

    private mutating func change(
        _ id: InstanceID, _ order: (inout SimulatedEC2) -> Void
    ) -> StateChange {
        let before = instances[id]?.state ?? .terminated
        order(&self)
        return StateChange(
            instance: id, previous: before, current: instances[id]?.state ?? .terminated)
    }

    /// The machines of a call by id, which one unknown or not yet visible id fails.
    func find(_ ids: [InstanceID]) throws(CloudFailure) -> [SimulatedInstance] {
        guard !ids.isEmpty else { throw .missing("InstanceId") }
        if let wrong = ids.first(where: { !Self.isWellFormed($0.text, "i-") }) {
            throw CloudFailure("InvalidInstanceID.Malformed", "Invalid id: \"\(wrong)\"")
        }
        var found: [SimulatedInstance] = []
        var unknown: [String] = []
        for id in ids {
            if let machine = instances[id], machine.visibleFrom <= now {
                found.append(machine)
            } else {
                unknown.append(id.text)
            }
        }
        guard unknown.isEmpty else { throw .unknownInstance(unknown) }
        return found
    }

    static func isWellFormed(_ id: String, _ prefix: String) -> Bool {
        let digits = id.utf8.dropFirst(prefix.utf8.count)
        return id.hasPrefix(prefix) && [8, 17].contains(digits.count)
            && digits.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    private func wrongState(_ machine: SimulatedInstance, _ end: String) -> CloudFailure {
        CloudFailure(
            "IncorrectInstanceState",
            "The instance '\(machine.id)' is not in a state from which it can be \(end).")
    }
}
