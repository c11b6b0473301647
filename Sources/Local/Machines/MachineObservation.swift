import Processes
import Training

/// A machine as its files and its lock show it at a moment.
struct MachineObservation: Hashable, Sendable {
    var launch: LaunchRecord
    /// nil: never booted.
    var status: MachineStatus?
    var tags: [String: String]
    var isAlive: Bool
    var order: MachineOrder?

    /// Nobody is left to write its end.
    ///
    /// Either it died, or it was ordered away a moment after it had stopped.
    var needsBurial: Bool {
        if isDead { return true }
        return status?.state == .stopped && !isAlive && order.map { $0.verb != .stop } ?? false
    }

    /// Its shim died, with the host or killed: there may be leftovers, and nobody wrote its end.
    var isDead: Bool {
        guard let status else { return false }
        return !isAlive && !status.state.hasEnded
    }

    /// What a provider says: a dead machine is on its way out until it is buried.
    func instance(_ id: InstanceID) -> Instance {
        Instance(
            id: id, state: isDead ? .shuttingDown : status?.state ?? .pending,
            stateReason: isDead ? StateReason.failed : status?.reason ?? "",
            market: launch.market, region: launch.region, clientToken: launch.clientToken,
            tags: tags, launchedAt: launch.launchedAt, stateSince: status?.since)
    }
}

extension MachineDirectory {
    /// nil when there is no machine, or its launch was never finished.
    func observe() throws(MachineFailure) -> MachineObservation? {
        guard let launch = try launch() else { return nil }
        // The lock is looked at before the status: a shim writes its end before it lets go, so a
        // free lock with no end written is a dead shim. And after it: a start may have come
        // between.
        let wasAlive = try isAlive()
        let status = try status()
        let isAlive = wasAlive ? true : try isAlive()
        return MachineObservation(
            launch: launch, status: status, tags: try metadata.tags(), isAlive: isAlive,
            order: try order())
    }

    /// Kills what a dead shim left behind and writes down the machine's end.
    ///
    /// The caller holds the control lock. False when something could not be killed: the machine
    /// stays on its way out.
    func bury(_ launch: LaunchRecord, at now: Timestamp) async throws(MachineFailure) -> Bool {
        let tree = ProcessTree(
            mark: launch.mark, controlGroup: controlGroup(launch), adoptsOrphans: false)
        let reason: String
        switch try order()?.verb {
        case .interrupt: reason = StateReason.interrupted
        case .terminate: reason = StateReason.byUser
        case .stop, nil: reason = StateReason.failed
        }
        do throws(FileFailure) {
            // Held while we work, so that no shim comes up meanwhile.
            guard let life = try FileLock.attempt(aliveLock) else { return false }
            guard try await tree.kill(within: .seconds(10)).isEmpty else { return false }
            removeDisk { _ in }
            _ = consume life
        } catch {
            throw .file(error)
        }
        let boot = try status()?.boot ?? 0
        try write(
            MachineStatus(state: .terminated, reason: reason, since: now, boot: boot, shim: nil))
        return true
    }
}
