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
    let records: RecordStore
    let processes: RunProcesses
    private let inbox: AsyncStream<AgentEvent>.Continuation
    private let known = Mutex(Known())

    /// What earlier effects left for later ones.
    private struct Known {
        var ledger: ETag?
        var index: FencedIndex?
        var shipper: LogShipper?
        var attempt = 0
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
        records = RecordStore(ports.store, writer: "\(identity.instance)/\(identity.boot)/\(name)")
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
        case .readLedger: return .ledger(await readLedger())
        case .readNotice: return .notice(await readNotice())
        case .readProtection: return .protection(await readProtection())
        case .heartbeat(let heartbeat, let attempt):
            let key = StoreLayout.heartbeat(
                configuration.run, attempt: attempt, node: configuration.node)
            _ = try? await ports.store.put(key, CanonicalJSON.encode(heartbeat), if: .always)
            return .heartbeatWritten
        case .scan(let policy):
            switch local.scan(policy, final: false) {
            case .success(let scan): return .scanned(scan)
            case .failure(let failure):
                logger.warning("scan failed", metadata: ["why": "\(failure)"])
                return .scanned(LocalScan())
            }
        case .commit(let order): return .commit(order.checkpoint, await commit(order))
        case .report(let report): return .reported(await self.report(report))
        case .drop(let retired): return .dropped(await drop(retired))
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

    private func readLedger() async -> LedgerReading {
        let etag = known.withLock { $0.ledger }
        do {
            let key = StoreLayout.ledger(configuration.run)
            switch try await records.read(Ledger.self, at: key, unless: etag) {
            case .absent: return .missing
            case .unchanged: return .unchanged
            case .record(let ledger):
                known.withLock { $0.ledger = ledger.etag }
                return .ledger(ledger.record)
            }
        } catch {
            return .unreadable("\(error)")
        }
    }

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

    // MARK: The index

    /// The access to the index through our claim; the claim's nonce is the same at every try.
    func fencedIndex(attempt: Int, ordinal: Int) -> FencedIndex {
        let now = ports.clock.now()
        return known.withLock { known in
            if let index = known.index, index.mine.attempt == attempt { return index }
            let claim = Claim(
                attempt: attempt, ordinal: ordinal, instance: identity.instance,
                boot: identity.boot, nonce: FileSystem.randomName(), at: now)
            let index = FencedIndex(records: records, run: configuration.run, claim: claim)
            known.index = index
            known.attempt = attempt
            return index
        }
    }

    var index: FencedIndex? { known.withLock { $0.index } }
    var attempt: Int { known.withLock { $0.attempt } }

    private func commit(_ order: CommitOrder) async -> CommitResult {
        guard let index, let candidate = local.candidate(order.checkpoint) else {
            return .refused("it is gone")
        }
        let committer = CheckpointCommitter(
            index: index, directory: disk.work, staging: disk.staging)
        let context = CommitContext(
            generation: order.generation, digest: order.digest, kind: order.policy.kind)
        do {
            switch try await committer.commit(candidate, context, at: ports.clock.now()) {
            case .committed(let entry):
                logger.info(
                    "committed",
                    metadata: ["checkpoint": "\(entry.id)", "path": "\(candidate.path)"])
                return .committed(entry)
            case .duplicate(let id): return .duplicate(id)
            case .refused(let reason):
                logger.warning(
                    "refused", metadata: ["path": "\(candidate.path)", "why": "\(reason)"])
                return .refused(reason)
            }
        } catch {
            logger.warning("not committed", metadata: ["why": "\(error)"])
            if case .fenced = error { return .fenced("\(error)") }
            return .failed("\(error)")
        }
    }

    private func report(_ report: AttemptReport) async -> ReportResult {
        await write { index throws(FenceFailure) in try await index.report(report) }
    }

    private func drop(_ retired: [CheckpointID]) async -> ReportResult {
        await write { index throws(FenceFailure) in try await index.drop(retired: retired) }
    }

    private func write(
        _ body: (FencedIndex) async throws(FenceFailure) -> Void
    ) async -> ReportResult {
        guard let index else { return .failed("nothing is claimed") }
        do {
            try await body(index)
            return .written
        } catch {
            logger.warning("index not written", metadata: ["why": "\(error)"])
            if case .fenced = error { return .fenced("\(error)") }
            return .failed("\(error)")
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
                    lastLines: LogTail.read(log, from: offset).map(mask.masked))
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

    private func ship(_ stream: String, _ path: String, from offset: Int) {
        let shipper = known.withLock { known in
            if let shipper = known.shipper { return shipper }
            let shipper = LogShipper(
                store: ports.store, run: configuration.run, attempt: known.attempt,
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

    /// Ships the agent's own log from its present end on.
    func followJournal() {
        let size = ((try? FileSystem.status(disk.agentLog)) ?? nil)?.size ?? 0
        ship("agent", disk.agentLog, from: size)
    }

    func flushLogs() async {
        guard let shipper = known.withLock({ $0.shipper }) else { return }
        await shipper.ship(isLast: true)
    }
}
