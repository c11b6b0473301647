import Training

/// Calls of processes: each takes effect at one moment, if it arrives at all.
extension WorldState {
    /// Sends a call on its way, or drops it when its sender is dead or dies with it.
    mutating func send(
        _ call: PortCall, by caller: ProcessID,
        deliver: @escaping @Sendable (inout WorldState, Delivery) -> @Sendable () -> Void
    ) {
        guard lives[caller]?.isDead == false else { return deliver(&self, .dropped)() }
        var pending = PendingCall(caller: caller, call: call, deliver: deliver)
        if let death = death(of: caller, at: call) {
            guard death.isAfterEffect else {
                die(caller, at: call, isAfterEffect: false)
                return deliver(&self, .dropped)()
            }
            pending.killsSender = true
        }
        let way = network.way(of: call, from: caller, using: &generator)
        pending.arrives = way.arrives
        pending.losesReply = way.losesReply
        let number = nextNumber()
        calls[number] = pending
        enter(.call(number), after: way.span)
    }

    /// The moment at which a call takes effect has come.
    mutating func carryOut(_ number: Int) {
        guard let pending = calls.removeValue(forKey: number) else { return }
        let delivery: Delivery =
            if pending.isOrphan {
                pending.arrives ? .orphaned : .dropped
            } else if !pending.arrives {
                .lost
            } else {
                pending.losesReply || pending.killsSender ? .unanswered : .answered
            }
        trace.mix(now)
        trace.mix(pending.call.code << 8 | UInt64(delivery.rawValue))
        if pending.isOrphan, !pending.arrives { return }
        let resume = pending.deliver(&self, delivery)
        guard !pending.isOrphan else { return }
        if pending.killsSender {
            die(pending.caller, at: pending.call, isAfterEffect: true)
        }
        var due = now
        // An answer that does not come is waited for.
        if pending.losesReply {
            due = Timestamp(milliseconds: now.milliseconds + generator.span(Network.patience))
        }
        if let thaw = lives[pending.caller]?.frozenUntil { due = max(due, thaw) }
        if due > now { agenda.enter(.resume(resume), at: due) } else { resume() }
    }

    /// The death that waited for this call of the caller's program.
    private mutating func death(of caller: ProcessID, at call: PortCall) -> Death? {
        guard !deathsToCome.isEmpty, let program = program(of: caller),
            var deaths = deathsToCome[program]
        else { return nil }
        defer { deathsToCome[program] = deaths.isEmpty ? nil : deaths }
        for place in deaths.indices where deaths[place].comes(at: call) {
            return deaths.remove(at: place)
        }
        return nil
    }

    private func program(of process: ProcessID) -> Fault.Program? {
        switch process {
        case .reconciler(let number, _): .reconciler(number)
        case .agent(let machine, _):
            hosts.place(of: machine).map { .agent(hosts.list[$0].configuration.run) }
        }
    }

    /// A process dies at a call, as it was to.
    private mutating func die(_ process: ProcessID, at call: PortCall, isAfterEffect: Bool) {
        deaths.add("\(call.kind.name) \(isAfterEffect ? "after" : "before")")
        // What it wrote until now, it has written.
        if process.machine != nil { renewHeartbeats() }
        kill(process)
        if let machine = process.machine {
            touch(machine) { $0.crash(at: $1) }
            enter(.alarm, after: WorldState.silenceAlarm)
        } else {
            reconcilerDied = true
        }
    }

    /// Ends a process at once: what it has sent may still take effect, what it waits for ends.
    mutating func kill(_ process: ProcessID) {
        guard var life = lives[process], !life.isDead else { return }
        life.isDead = true
        lives[process] = life
        for number in calls.keys.sorted() where calls[number]?.caller == process {
            guard var pending = calls[number] else { continue }
            pending.isOrphan = true
            calls[number] = pending
            pending.deliver(&self, .dropped)()
        }
        hands[process] = nil
        if case .reconciler(let number, _) = process {
            controlNodes.removeValue(forKey: number)?.stops.yield()
        }
        for number in sleepers.keys.sorted() where sleepers[number]?.process == process {
            sleepers.removeValue(forKey: number)?.continuation.resume(
                throwing: CancellationError())
        }
    }
}
