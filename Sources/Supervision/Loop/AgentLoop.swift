package import Logging
import Processes
package import Training

/// What the agent reaches the world through.
package struct AgentPorts: Sendable {
    package var store: any ObjectStore
    package var metadata: any MetadataService
    package var clock: any WallClock
    /// Nil where there are none: under the embedded provider.
    package var secrets: (any SecretStore)?
    /// Nil where there are none: under the embedded provider.
    package var mounts: (any MountSource)?

    package init(
        store: any ObjectStore, metadata: any MetadataService, clock: any WallClock,
        secrets: (any SecretStore)? = nil, mounts: (any MountSource)? = nil
    ) {
        self.store = store
        self.metadata = metadata
        self.clock = clock
        self.secrets = secrets
        self.mounts = mounts
    }
}

/// The thin loop around `AgentStateMachine`: carries events in and effects out, decides nothing.
package struct AgentLoop: Sendable {
    private let configuration: AgentConfiguration
    private let identity: MachineIdentity
    private let disk: MachineDisk
    private let ports: AgentPorts
    private let logger: Logger
    private let adoptsOrphans: Bool

    /// `adoptsOrphans`: this process is the subreaper of this one run and of nothing else.
    package init(
        configuration: AgentConfiguration, identity: MachineIdentity, disk: MachineDisk,
        ports: AgentPorts, logger: Logger, adoptsOrphans: Bool
    ) {
        self.configuration = configuration
        self.identity = identity
        self.disk = disk
        self.ports = ports
        self.logger = logger
        self.adoptsOrphans = adoptsOrphans
    }

    /// Runs until the machine is to be powered off, and says how and why.
    ///
    /// Each element of `shutdowns` is a request of the system to end (SIGTERM): a notice with
    /// `AgentStateMachine.Limit.shutdown` to go.
    package func run(shutdowns: AsyncStream<Void>) async -> (how: PowerOff, reason: String) {
        let (events, inbox) = AsyncStream.makeStream(of: AgentEvent.self)
        let hands = AgentEffectRunner(
            configuration: configuration, identity: identity, disk: disk, ports: ports,
            logger: logger, adoptsOrphans: adoptsOrphans, inbox: inbox)
        let listener = Task {
            for await _ in shutdowns {
                let deadline = ports.clock.now() + AgentStateMachine.Limit.shutdown
                inbox.yield(.notice(.notice(Notice(kind: .shutdown, deadline: deadline))))
            }
        }
        defer { listener.cancel() }
        var machine = AgentStateMachine(
            configuration: configuration, instance: identity.instance, boot: identity.boot,
            place: WorkingPlace(work: disk.work))
        var alarm: Task<Void, Never>?
        defer { alarm?.cancel() }
        inbox.yield(.booted(memory: disk.recall()))
        for await event in events {
            let before = machine.stage
            let effects = machine.handle(event, at: ports.clock.now())
            if machine.stage != before {
                var facts: Logger.Metadata = ["is": "\(machine.stage)", "was": "\(before)"]
                if machine.stage == .parked { facts["why"] = "\(machine.waitReason)" }
                logger.info("stage", metadata: facts)
            }
            for effect in effects {
                if case .powerOff(let how, let reason) = effect { return (how, reason) }
                hands.start(effect)
            }
            alarm?.cancel()
            alarm = machine.nextWake.map { wake(at: $0, inbox) }
        }
        return (.asLaunched, "the agent's events have ended")
    }

    private func wake(
        at moment: Timestamp, _ inbox: AsyncStream<AgentEvent>.Continuation
    ) -> Task<Void, Never> {
        let wait = max(5, moment.milliseconds - ports.clock.now().milliseconds)
        return Task {
            try? await ports.clock.sleep(for: .milliseconds(wait))
            if !Task.isCancelled { inbox.yield(.tick) }
        }
    }
}
