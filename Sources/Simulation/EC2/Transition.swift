import Training

extension SimulatedEC2 {
    /// What the agenda holds: changes that come by themselves.
    ///
    /// One of a machine's life is stale, and ignored, once the machine's epoch has moved on.
    enum Transition: Sendable {
        case up(InstanceID, epoch: Int)
        case down(InstanceID, epoch: Int)
        case take(InstanceID, epoch: Int)
        case restart(InstanceID, epoch: Int)
        case loseTag(InstanceID)
        case fade(InstanceID)
        case showTags([InstanceID], set: [String: String], removed: [String])
        case releaseQuota(Quota, vCPUs: Int)
        case fulfil(String)
        case forgetRequest(String)
        case weather(Pool)
        case trace(Pool, change: Int, since: Timestamp)
    }

    mutating func handle(_ transition: Transition) {
        switch transition {
        case .up(let id, let epoch): if isFresh(id, epoch) { comeUp(id) }
        case .down(let id, let epoch): if isFresh(id, epoch) { goDown(id) }
        case .take(let id, let epoch): if isFresh(id, epoch) { take(id) }
        case .restart(let id, let epoch): if isFresh(id, epoch) { restart(id) }
        case .loseTag(let id): loseTag(id)
        case .fade(let id): fade(id)
        case .showTags(let ids, let set, let removed): showTags(ids, set, removed)
        case .releaseQuota(let quota, let vCPUs): usedVCPUs[quota, default: 0] -= vCPUs
        case .fulfil(let request): fulfil(request)
        case .forgetRequest(let request): spotRequests[request] = nil
        case .weather(let pool): turnWeather(of: pool)
        case .trace(let pool, let place, let start):
            turnTrace(of: pool, to: place, since: start)
        }
    }

    private func isFresh(_ id: InstanceID, _ epoch: Int) -> Bool {
        instances[id]?.epoch == epoch
    }

    /// Changes a machine's state; whatever was due for the former one is stale.
    mutating func enter(_ state: SimulatedInstance.State, _ id: InstanceID) {
        instances[id]?.state = state
        instances[id]?.stateSince = now
        instances[id]?.epoch += 1
    }

    // MARK: Up and down

    private mutating func comeUp(_ id: InstanceID) {
        enter(.running, id)
        instances[id]?.boots += 1
        tell(id, .booted(boot: instances[id]?.boots ?? 1))
    }

    /// Begins the end of a machine, or its way to `stopped`; the power goes off within the rules'
    /// grace, or at once.
    mutating func shutDown(
        _ id: InstanceID, to end: SimulatedInstance.State, because reason: Cause,
        atOnce: Bool = false
    ) {
        guard let machine = instances[id], machine.state != .terminated else { return }
        if machine.state == .stopped {
            instances[id]?.reason = SimulatedInstance.Reason(cause: reason, at: now)
            if end == .terminated { finish(id) }
            return
        }
        enter(end == .terminated ? .shuttingDown : .stopping, id)
        instances[id]?.reason = SimulatedInstance.Reason(cause: reason, at: now)
        guard !atOnce, machine.state != .pending, let epoch = instances[id]?.epoch else {
            goDown(id)
            return
        }
        tell(id, .shutdownAsked)
        schedule(.down(id, epoch: epoch), after: rules.shutdown)
    }

    /// The power goes off now: the machine's system has halted, or its grace is over.
    mutating func goDown(_ id: InstanceID) {
        guard let machine = instances[id] else { return }
        used[machine.pool, default: 0] -= 1
        schedule(
            .releaseQuota(machine.quota, vCPUs: machine.type.vCPUs), after: rules.quotaRelease)
        instances[id]?.interruption = nil
        instances[id]?.rebalance = nil
        if machine.state == .shuttingDown {
            finish(id)
            return
        }
        enter(.stopped, id)
        tell(id, .powerCut(.stopped))
        if machine.isRestartedByEC2, let epoch = instances[id]?.epoch {
            schedule(.restart(id, epoch: epoch), after: rules.fulfilment)
        }
    }

    private mutating func finish(_ id: InstanceID) {
        enter(.terminated, id)
        guard let machine = instances[id] else { return }
        tell(id, .powerCut(.terminated))
        if let subnet = place.subnets.firstIndex(where: { $0.id == machine.subnet }) {
            place.subnets[subnet].freeAddresses += 1
        }
        noteEnd(of: machine)
        schedule(.loseTag(id), after: rules.tagFading)
        schedule(.fade(id), after: rules.fading)
        if let request = machine.spotRequest { settle(request) }
    }

    // MARK: After the end

    /// Tags come off one by one while the machine can still be described.
    private mutating func loseTag(_ id: InstanceID) {
        guard let last = instances[id]?.tags.keys.max() else { return }
        instances[id]?.tags[last] = nil
        schedule(.loseTag(id), after: rules.tagFading)
    }

    private mutating func fade(_ id: InstanceID) {
        instances[id] = nil
        let at = order.partitioningIndex { $0 >= id }
        if at < order.count, order[at] == id { order.remove(at: at) }
        tell(id, .faded)
    }

    private mutating func showTags(
        _ ids: [InstanceID], _ set: [String: String], _ removed: [String]
    ) {
        for id in ids {
            for (key, value) in set { instances[id]?.tags[key] = value }
            for key in removed { instances[id]?.tags[key] = nil }
        }
    }
}
