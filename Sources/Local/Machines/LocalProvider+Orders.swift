import Glibc
import Processes
package import Training

/// Stopping, starting and taking away.
extension LocalProvider {
    @concurrent
    package func start(_ id: InstanceID) async throws(ProviderFailure) {
        guard let machine = try known(id) else {
            throw .unsupported("there is no machine \(id)")
        }
        let refusal = try await holding(machine) {
            () async throws(MachineFailure) -> ProviderFailure? in
            guard let observed = try machine.observe(), let status = observed.status else {
                return .unavailable("\(id) is still being launched")
            }
            switch status.state {
            case .pending, .running: return observed.isDead ? .unavailable("\(id) died") : nil
            case .stopping: return .unavailable("\(id) is still stopping")
            case .shuttingDown, .terminated: return .unsupported("\(id) has ended")
            case .stopped: break
            }
            // The shim writes the end a moment before it goes.
            guard try await self.isGone(machine, within: .seconds(5)) else {
                return .unavailable("\(id) is still stopping")
            }
            try machine.removeOrder()
            let failure = try await self.boot(machine, observed.launch, number: status.boot + 1)
            return failure.map { .unavailable("\($0)") }
        }
        if let refusal { throw refusal }
    }

    @concurrent
    package func stop(_ id: InstanceID) async throws(ProviderFailure) {
        guard let machine = try known(id) else {
            throw .unsupported("there is no machine \(id)")
        }
        let refusal = try await holding(machine) {
            () async throws(MachineFailure) -> ProviderFailure? in
            guard let observed = try machine.observe(), let status = observed.status else {
                return .unavailable("\(id) is still being launched")
            }
            if status.state == .stopped { return nil }
            guard status.state != .terminated else { return .unsupported("\(id) has ended") }
            guard observed.launch.market.canStop else {
                return .unsupported("one-time spot cannot be stopped, only terminated: \(id)")
            }
            try self.order(.stop, machine, after: self.stopGrace)
            return nil
        }
        if let refusal { throw refusal }
    }

    @concurrent
    package func terminate(_ id: InstanceID) async throws(ProviderFailure) {
        guard let machine = try known(id) else { return }
        try await holding(machine) { () async throws(MachineFailure) in
            guard let observed = try machine.observe() else { return }
            guard observed.status?.state != .terminated else { return }
            try self.order(.terminate, machine, after: self.stopGrace)
            // A shim writes that the machine has stopped a moment before it goes.
            if observed.status?.state == .stopped {
                _ = try await self.isGone(machine, within: .seconds(5))
            }
            guard let ordered = try machine.observe() else { return }
            if ordered.needsBurial || ordered.status == nil && !ordered.isAlive {
                _ = try await machine.bury(observed.launch, at: self.clock.now())
            }
        }
    }

    /// Takes a machine away as spot would: with a notice that long before, or at once.
    @concurrent
    package func interrupt(
        _ id: InstanceID, notice: Duration?
    ) async throws(ProviderFailure) {
        guard let machine = try known(id) else {
            throw .unsupported("there is no machine \(id)")
        }
        let refusal = try await holding(machine) {
            () async throws(MachineFailure) -> ProviderFailure? in
            // A shim writes its end a moment before it lets go of its sign of life.
            guard let observed = try machine.observe(), observed.isAlive,
                observed.status?.state.hasEnded != true
            else {
                return .unsupported("\(id) does not run")
            }
            try self.order(.interrupt, machine, after: notice ?? .zero)
            return nil
        }
        if let refusal { throw refusal }
    }

    /// Ends every machine of the state directory, without grace, and forgets it.
    ///
    /// Returns when a scan has found none of their processes; throws with the pids of those that
    /// could not be killed.
    @concurrent
    package func reset() async throws(ProviderFailure) {
        var left: [Int32] = []
        for machine in try machines() {
            left += try await holding(machine) { () async throws(MachineFailure) in
                try await self.erase(machine)
            }
            do throws(MachineFailure) {
                if left.isEmpty { try await forget(machine) }
            } catch {
                throw ProviderFailure(error)
            }
        }
        guard left.isEmpty else {
            let pids = left.map { "\($0)" }.joined(separator: ", ")
            throw .unavailable("these processes could not be killed: \(pids)")
        }
    }

    /// Gives the pids that are left.
    private func erase(_ machine: MachineDirectory) async throws(MachineFailure) -> [Int32] {
        guard let launch = try machine.launch() else { return [] }
        try order(.interrupt, machine, after: .zero)
        if try await !isGone(machine, within: .seconds(5)) {
            try machine.status()?.shim?.signal(SIGKILL)
        }
        let tree = ProcessTree(
            mark: launch.mark, controlGroup: machine.controlGroup(launch), adoptsOrphans: false)
        do throws(FileFailure) {
            return try await tree.kill(within: .seconds(10)).map(\.pid)
        } catch {
            throw .file(error)
        }
    }

    /// Writes an order down, and hastens the shim; the caller holds the control lock.
    private func order(
        _ verb: MachineOrder.Verb, _ machine: MachineDirectory, after span: Duration
    ) throws(MachineFailure) {
        let (seconds, fraction) = span.components
        let milliseconds = seconds * 1000 + fraction / 1_000_000_000_000_000
        let deadline = Timestamp(milliseconds: clock.now().milliseconds + milliseconds)
        let order = MachineOrder(verb: verb, deadline: deadline)
        try machine.write(try machine.order().map { order.merged(with: $0) } ?? order)
        // A shim that is not up yet, or is not told, finds the order by itself.
        try machine.status()?.shim?.signal(SIGUSR1)
    }

    private func isGone(
        _ machine: MachineDirectory, within span: Duration
    ) async throws(MachineFailure) -> Bool {
        let deadline = ContinuousClock.now + span
        while try machine.isAlive() {
            guard ContinuousClock.now < deadline else { return false }
            try? await Task.sleep(for: .milliseconds(5))
        }
        return true
    }
}
