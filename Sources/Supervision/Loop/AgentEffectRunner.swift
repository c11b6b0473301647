import Checkpoints
import Logging
import Processes
import Synchronization
import Training

/// Carries out the agent's effects and answers each with its event.
final class AgentEffectRunner: Sendable {
    let configuration: AgentConfiguration
    let identity: MachineIdentity
    let disk: MachineDisk
    let ports: AgentPorts
    let logger: Logger
    let stored: StoreEffects
    let processes: RunProcesses
    private let inbox: AsyncStream<AgentEvent>.Continuation
    private let known = Mutex(Known())

    /// What earlier effects left for later ones.
    private struct Known {
        var shipper: LogShipper?
        /// As whom the manifest's commands run; nil: as this process.
        var account: Account?
        /// Since when mounts are fetched, all tries together.
        var mountingSince: Timestamp?
        /// By environment variable, for the manifest's commands alone.
        var secrets: [String: String] = [:]
        var mask = SecretMask()
    }

    let local: LocalCheckpoints

    init(
        configuration: AgentConfiguration, identity: MachineIdentity, disk: MachineDisk,
        ports: AgentPorts, logger: Logger, adoptsOrphans: Bool,
        inbox: AsyncStream<AgentEvent>.Continuation
    ) {
        self.configuration = configuration
        self.identity = identity
        self.disk = disk
        self.ports = ports
        self.logger = logger
        self.inbox = inbox
        let name = FileSystem.randomName()
        stored = StoreEffects(
            configuration: configuration, identity: identity, store: ports.store,
            files: WorkingDirectory(disk.work), staging: disk.staging, clock: ports.clock,
            logger: logger, random: { .random(in: .min ... .max) })
        processes = RunProcesses(
            name: name, directory: disk.work, adoptsOrphans: adoptsOrphans)
        local = LocalCheckpoints(disk: disk)
    }

    /// Starts an effect; its answer comes as an event.
    func start(_ effect: AgentEffect) {
        if case .remember(let memory) = effect {
            // In order: the last one must be the one that stays.
            remember(memory)
            return
        }
        Task.detached {
            let event = await self.perform(effect)
            if let event { self.inbox.yield(event) }
        }
    }

    private func perform(_ effect: AgentEffect) async -> AgentEvent? {
        switch effect {
        case .readLedger: return .ledger(await stored.readLedger())
        case .readNotice: return .notice(await readNotice())
        case .readProtection: return .protection(await readProtection())
        case .heartbeat(let heartbeat, let attempt):
            await stored.write(heartbeat, attempt: attempt)
            return .heartbeatWritten
        case .scan(let policy):
            switch local.scan(policy, final: false) {
            case .success(let scan): return .scanned(scan)
            case .failure(let failure):
                logger.warning("scan failed", metadata: ["why": "\(failure)"])
                return .scanned(LocalScan(failure: "\(failure)"))
            }
        case .commit(let order):
            let candidate = local.candidate(order.checkpoint)
            return .commit(order.checkpoint, await stored.commit(order, candidate))
        case .report(let report): return .reported(await stored.report(report))
        case .drop(let retired): return .dropped(await stored.drop(retired))
        case .step(let number, let step): return await perform(step, number)
        case .signal(let signal):
            let reached = try? processes.signal(signal)
            logger.info(
                "signalled",
                metadata: [
                    "signal": "\(signal)", "processes": "\(reached.map(String.init) ?? "?")",
                ])
            return nil
        case .kill:
            let left = try? await processes.kill()
            logger.info("killed", metadata: ["left": "\(left.map(String.init) ?? "?")"])
            return nil
        case .remember, .powerOff: return nil
        }
    }

    private func remember(_ memory: AgentMemory) {
        do {
            try disk.remember(memory)
        } catch {
            logger.warning("memory not written", metadata: ["why": "\(error)"])
        }
    }

    // MARK: The world

    private func readNotice() async -> NoticeReading {
        do {
            return try await ports.metadata.notice().map(NoticeReading.notice) ?? .none
        } catch {
            return .unseen(error)
        }
    }

    private func readProtection() async -> Bool? {
        do {
            return try await ports.metadata.tag(Tag.protect) == "true"
        } catch {
            return nil
        }
    }

    // MARK: Commands

    /// Starts a command and answers with its end when everything of it is gone; what it leaves
    /// running is killed after `grace`, where that is given.
    func run(
        _ command: AgentCommand, stream: String, log: String, grace: Duration? = nil
    ) async -> StepResult {
        let offset = ((try? FileSystem.status(log)) ?? nil)?.size ?? 0
        ship(stream, log, from: offset)
        let (account, secrets, mask) = known.withLock { ($0.account, $0.secrets, $0.mask) }
        var command = command
        command.environment.merge(secrets) { $1 }
        do {
            if let account {
                // All that is ours in the working directory came from the source and the store.
                try FileSystem.give(disk.work, to: account)
                try FileSystem.give(OpenFile(log, .append, followsLinks: false), to: account)
            }
            let child = try await processes.start(command, as: account, log: log)
            Task.detached {
                let (status, outlived) = await self.end(of: child, grace: grace, log: log)
                let end = ProcessesEnd(
                    status: status.map { ExitStatus($0) }, outlived: outlived,
                    lastLines: LogTail.read(log, from: offset, hiding: mask))
                self.inbox.yield(.processesEnded(end))
            }
            return .done
        } catch {
            return .invalid("\(error)")
        }
    }

    private func end(
        of child: ChildProcess, grace: Duration?, log: String
    ) async -> (status: WaitStatus?, outlived: Bool) {
        guard let grace else { return await processes.waitForEnd(of: child) }
        let (status, killed) = await processes.waitForEnd(of: child, grace: grace)
        guard !killed.isEmpty else { return (status, false) }
        let names = killed.joined(separator: ", ")
        logger.warning("setup left processes running: killed", metadata: ["names": "\(names)"])
        let line = "[\(names): left running by setup, killed; start it in `run`]\n"
        try? OpenFile(log, .append, followsLinks: false).write(Array(line.utf8))
        return (status, true)
    }

    /// What the manifest's commands get from now on.
    func equip(account: Account?) {
        known.withLock { $0.account = account }
    }

    /// What the manifest's commands get from now on; no log that leaves shows the values.
    func equip(secrets: [String: String]) {
        known.withLock { known in
            known.secrets = secrets
            known.mask = SecretMask(secrets.values)
            known.shipper?.hide(with: known.mask)
        }
    }

    /// Since the first try to fetch the mounts, which is now at the first call.
    var mountingFor: Seconds {
        let now = ports.clock.now()
        return known.withLock { known in
            let since = known.mountingSince ?? now
            known.mountingSince = since
            return now.since(since)
        }
    }

    var account: Account? { known.withLock { $0.account } }

    func tell(_ progress: String) {
        inbox.yield(.mounting(progress))
    }

    // MARK: Logs

    func ship(_ stream: String, _ path: String, from offset: Int) {
        let shipper = known.withLock { known in
            if let shipper = known.shipper { return shipper }
            let shipper = LogShipper(
                store: ports.store, run: configuration.run, attempt: stored.attempt,
                node: configuration.node)
            shipper.hide(with: known.mask)
            known.shipper = shipper
            Task.detached { await self.shipPeriodically(shipper) }
            return shipper
        }
        shipper.follow(stream, path, from: offset)
    }

    /// At most 10 s behind; faster at first, where people watch.
    private func shipPeriodically(_ shipper: LogShipper) async {
        var passes = 0
        while !Task.isCancelled {
            await shipper.ship()
            let fast = min(5_000, configuration.pace.heartbeat)
            try? await ports.clock.sleep(for: .milliseconds(passes < 300 ? fast : 10_000))
            passes += 1
        }
    }

    /// The bytes of the agent's own log.
    var journalSize: Int {
        ((try? FileSystem.status(disk.agentLog)) ?? nil)?.size ?? 0
    }

    func flushLogs() async {
        guard let shipper = known.withLock({ $0.shipper }) else { return }
        await shipper.ship(isLast: true)
    }
}
