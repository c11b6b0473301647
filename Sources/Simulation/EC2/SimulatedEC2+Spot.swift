package import Training

extension SimulatedEC2 {
    /// EC2 takes a spot machine back: a notice stands for `notice` milliseconds (0 to 120,000),
    /// or, with nil, there is none and the power goes at once.
    ///
    /// Its request decides between terminating and stopping. Nothing happens to a machine that is
    /// not running, has a notice already, or is not spot.
    package mutating func interrupt(_ id: InstanceID, notice: Int64? = 120_000) {
        guard let machine = instances[id], let spot = machine.request.spot,
            machine.state == .running, machine.interruption == nil
        else { return }
        guard let notice, spot.interruptionBehavior != .hibernate else {
            takeNow(id, sudden: true)
            return
        }
        let interruption = SimulatedInstance.Interruption(
            action: spot.interruptionBehavior,
            time: Timestamp(milliseconds: now.milliseconds + notice))
        instances[id]?.interruption = interruption
        tell(id, .noticed(interruption))
        showNotice(machine, spot)
        agenda.enter(.take(id, epoch: machine.epoch), at: interruption.time)
    }

    /// AWS documents two ways in which a request shows a notice: marked, or ended already.
    private mutating func showNotice(_ machine: SimulatedInstance, _ spot: SpotOptions) {
        guard let request = machine.spotRequest else { return }
        if spot.interruptionBehavior == .stop {
            set(request, .active, "marked-for-stop")
        } else if generator.chance(0.5) {
            set(request, .active, "marked-for-termination")
        } else {
            noteEnd(of: request, "instance-terminated-no-capacity")
        }
    }

    mutating func take(_ id: InstanceID) {
        takeNow(id, sudden: false)
    }

    private mutating func takeNow(_ id: InstanceID, sudden: Bool) {
        guard let machine = instances[id] else { return }
        if machine.request.spot?.interruptionBehavior == .terminate {
            noteEnd(of: machine.spotRequest, "instance-terminated-no-capacity")
            shutDown(id, to: .terminated, because: .spotTermination, atOnce: sudden)
        } else {
            // EC2 alone starts it again, when there is capacity.
            instances[id]?.isRestartedByEC2 = true
            noteStop(machine.spotRequest, "instance-stopped-no-capacity")
            shutDown(id, to: .stopped, because: .spotStop, atOnce: sudden)
        }
    }

    /// EC2 starts a machine that it stopped, or tries again later.
    mutating func restart(_ id: InstanceID) {
        guard let machine = instances[id], machine.state == .stopped else { return }
        if freeSlots(in: machine.pool) == 0 {
            schedule(.restart(id, epoch: machine.epoch), after: rules.fulfilment)
        } else {
            powerOn(machine)
        }
    }

    mutating func refill(
        _ id: String, _ request: SpotRequest, type: MachineType, subnet: Int
    ) {
        // The machine is another one, and no launch's: it bears neither token nor launch index.
        var asked = request.request
        asked.clientToken = nil
        let made = create(
            1, asked, type: type, pool: request.pool, subnet: subnet, reopening: id)
        spotRequests[id]?.instance = made.first?.id
        fulfilled(id)
    }

    /// A rebalance recommendation: the machine runs on.
    package mutating func recommendRebalance(_ id: InstanceID) {
        guard let machine = instances[id], machine.state == .running, machine.market == .spot
        else { return }
        instances[id]?.rebalance = now
        tell(id, .rebalanceRecommended)
    }

    /// A maintenance event stands in the machine's metadata; one of the same id is replaced.
    package mutating func scheduleMaintenance(
        _ id: InstanceID, _ event: SimulatedInstance.Maintenance
    ) {
        instances[id]?.maintenance.removeAll { $0.id == event.id }
        instances[id]?.maintenance.append(event)
        tell(id, .maintenanceScheduled)
    }
}
