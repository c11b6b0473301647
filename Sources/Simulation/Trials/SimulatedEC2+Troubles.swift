import Training

/// What befalls a region and its machines from outside.
extension SimulatedEC2 {
    /// Lets something befall a machine; false where it cannot.
    mutating func befall(_ id: InstanceID, _ kind: Fault.Kind) -> Bool {
        guard let machine = instances[id] else { return false }
        switch kind {
        case .interrupt(_, let notice):
            guard machine.state == .running, machine.market == .spot, machine.interruption == nil
            else { return false }
            interrupt(id, notice: notice)
        case .rebalance:
            guard machine.state == .running, machine.market == .spot else { return false }
            recommendRebalance(id)
        case .maintenance: schedule(maintenanceOf: id)
        case .powerCut:
            guard machine.state == .running else { return false }
            losePower(machine)
        case .console(_, let act): return person(act, machine)
        default: return false
        }
        return true
    }

    private mutating func schedule(maintenanceOf id: InstanceID) {
        let begin = now + .hours(24)
        scheduleMaintenance(
            id,
            SimulatedInstance.Maintenance(
                id: "instance-event-1", code: "system-maintenance", detail: "network maintenance",
                notBefore: begin, notAfter: begin + .hours(2)))
    }

    /// The host dies: a one-time spot machine is gone, another is stopped.
    private mutating func losePower(_ machine: SimulatedInstance) {
        if machine.market == .spot {
            interrupt(machine.id, notice: nil)
        } else {
            shutDown(machine.id, to: .stopped, because: .internalError, atOnce: true)
        }
    }

    /// What a person does at the console; a refusal is their answer.
    private mutating func person(_ act: Fault.Act, _ machine: SimulatedInstance) -> Bool {
        let id = machine.id
        do {
            switch act {
            case .stop: _ = try stopInstances([id])
            case .start: _ = try startInstances([id])
            case .terminate: _ = try terminateInstances([id])
            case .protect: try createTags([id.text], [KeyValue(Tag.protect, "true")])
            case .unprotect: try deleteTags([id.text], keys: [Tag.protect])
            case .untag: try deleteTags([id.text], keys: [Tag.scope])
            case .copy:
                var request = machine.request
                request.clientToken = nil
                _ = try runInstances(request)
            }
            return true
        } catch {
            return false
        }
    }

    // MARK: Whatever is asked

    mutating func deny(_ denial: Fault.Denial) {
        switch denial {
        case .credentials:
            refusals.call = CloudFailure(
                status: 401, "AuthFailure",
                "AWS was not able to validate the provided access credentials")
        case .launches:
            refusals.launch = CloudFailure(
                status: 403, "UnauthorizedOperation",
                "You are not authorized to perform this operation.")
        }
    }

    // MARK: Pools and launches

    /// No pool has room any more.
    mutating func beginDrought() {
        for type in place.types {
            for market in [SimulatedMarket.onDemand, .spot] {
                setSlots(0, ofType: type.name, market: market)
            }
        }
    }

    /// Every pool has the room that its weather leaves it.
    mutating func endDrought() {
        for pool in slots.keys {
            let weather = weather[pool]
            setSlots(weather.map { $0.isDry ? 0 : $0.slots } ?? nil, of: pool)
        }
    }

    /// No pool dries up any more, and nothing is scarce.
    mutating func clearUp() {
        weather = [:]
        traces = [:]
        rules.quotas = [:]
        endDrought()
    }

    /// Others take the free addresses of every subnet, but for so many in each.
    mutating func takeAddresses(butFor left: Int) {
        for subnet in place.subnets.indices {
            let count = max(0, place.subnets[subnet].freeAddresses - left)
            place.subnets[subnet].freeAddresses -= count
            takenAddresses[place.subnets[subnet].id, default: 0] += count
        }
    }

    mutating func giveAddressesBack() {
        for subnet in place.subnets.indices {
            let count = takenAddresses[place.subnets[subnet].id] ?? 0
            place.subnets[subnet].freeAddresses += count
        }
        takenAddresses = [:]
    }

    mutating func multiplySpotPrices(by factor: Double) {
        for type in place.types {
            for zone in place.zones {
                let pool = Pool(market: .spot, type: type.name, zone: zone.name)
                setSpotPrice(usualSpotPrice(of: type.name) * factor, of: pool)
            }
        }
    }

    /// Machines that are about to come up do not.
    mutating func failPendingLaunches() {
        for id in instances.keys.sorted() where instances[id]?.state == .pending {
            failLaunch(id, because: .internalError)
        }
    }
}
