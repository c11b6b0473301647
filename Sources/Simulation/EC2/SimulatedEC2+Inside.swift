package import Training

/// What happens inside a machine and reaches EC2.
extension SimulatedEC2 {
    /// The machine's system has shut itself down (`shutdown -h`): it stops or terminates, as its
    /// launch asked; a one-time spot machine terminates.
    package mutating func powerOff(_ id: InstanceID) {
        guard let machine = instances[id], machine.state == .running else { return }
        let ends =
            machine.request.shutdownBehavior == .terminate
            || machine.request.spot?.isPersistent == false
        if ends {
            noteEnd(of: machine.spotRequest, "instance-terminated-by-user")
            shutDown(id, to: .terminated, because: .itself, atOnce: true)
        } else {
            noteStop(machine.spotRequest, "instance-stopped-by-user")
            shutDown(id, to: .stopped, because: .itself, atOnce: true)
        }
    }

    /// The machine's system has halted after it was asked to: it need not wait for its grace.
    package mutating func halt(_ id: InstanceID) {
        guard let state = instances[id]?.state, state == .shuttingDown || state == .stopping
        else { return }
        goDown(id)
    }

    /// Adds to what GetConsoleOutput gives, of which EC2 keeps the newest 64 KiB.
    package mutating func write(_ bytes: some Sequence<UInt8>, toConsoleOf id: InstanceID) {
        guard instances[id] != nil else { return }
        instances[id]?.console += bytes
        let excess = (instances[id]?.console.count ?? 0) - 65_536
        if excess > 0 { instances[id]?.console.removeFirst(excess) }
        instances[id]?.consoleTime = now
    }

    /// The launch of a pending machine fails: it is terminated without ever running.
    package mutating func failLaunch(_ id: InstanceID, because cause: Cause) {
        guard let machine = instances[id], machine.state == .pending else { return }
        noteEnd(of: machine.spotRequest, "instance-terminated-launch-failure")
        shutDown(id, to: .terminated, because: cause)
    }

    /// EC2 stops an on-demand machine for its hardware's retirement.
    package mutating func retire(_ id: InstanceID) {
        guard instances[id]?.state == .running, instances[id]?.market == .onDemand else { return }
        shutDown(id, to: .stopped, because: .scheduledStop)
    }
}
