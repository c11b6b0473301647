import Supervision
import Training

/// The agent's effects on a simulated machine, with the meaning that `AgentEffectRunner` gives
/// them.
extension SimulatedMachine {
    mutating func give(_ event: AgentEvent, at now: Timestamp) {
        agent?.give(event)
        advanceAgent(at: now)
    }

    /// Lets the agent take in everything that is due at `now`.
    mutating func advanceAgent(at now: Timestamp) {
        guard !isFrozen else { return }
        while agent != nil {
            agent?.pollsMayHaveNews(senses, disk, at: now)
            if agent?.polls.takeLedger(dueAt: now) == true {
                order(.readLedger)
            } else if let policy = agent?.polls.takeScan(dueAt: now, disk, senses) {
                let found = look(policy, final: false, at: now)
                agent?.give(.scanned(found))
            } else if let event = agent?.takeEvent(dueAt: now, senses) {
                handle(event, at: now)
            } else {
                return
            }
        }
    }

    private mutating func handle(_ event: AgentEvent, at now: Timestamp) {
        guard let before = agent?.machine.stage else { return }
        let moment = local(now)
        let effects = agent?.machine.handle(event, at: moment) ?? []
        if let stage = agent?.machine.stage, stage != before {
            agent?.polls.stageChanged()
            tell(.agentStage(stage))
        }
        for effect in effects { perform(effect, at: now) }
        agent?.wentOn(at: now, offset: clockOffset)
    }

    private mutating func perform(_ effect: AgentEffect, at now: Timestamp) {
        switch effect {
        case .readLedger: agent?.polls.beginLedger(at: now)
        case .readNotice: agent?.polls.beginNotice(at: now)
        case .readProtection: agent?.polls.beginProtection(at: now)
        case .scan(let policy): agent?.polls.beginScan(policy, at: now)
        case .heartbeat(let heartbeat, let attempt):
            if agent?.polls.begin(heartbeat, attempt: attempt, at: now) == true { order(effect) }
        case .commit, .report, .drop: order(effect)
        case .step(let number, let step): perform(step, number, effect, at: now)
        case .signal: push(.signal, at: now)
        case .kill: push(.kill, at: now)
        case .remember(let memory): disk.memory = memory
        case .powerOff(let how, let reason): powerOff(how, because: reason, at: now)
        }
    }

    private mutating func order(_ effect: AgentEffect) {
        guard let agent else { return }
        var order = StoreOrder(life: agent.life, effect: effect, candidate: nil)
        if case .commit(let commit) = effect {
            order = StoreOrder(
                life: agent.life, effect: effect,
                candidate: agent.seen.candidate(commit.checkpoint))
        }
        put(.order(order))
    }

    // MARK: Steps

    private mutating func perform(
        _ step: AgentStep, _ number: Int, _ effect: AgentEffect, at now: Timestamp
    ) {
        switch step {
        case .claim, .fetchSpec, .fetchSource, .restore, .quarantine, .setHead: order(effect)
        case .prepareWorkspace(let clears):
            if clears { disk.remove(SimulatedDisk.work) }
            agent?.give(.step(number, .done))
        case .fetchMounts:
            let due = Timestamp(milliseconds: now.milliseconds + Int64(behaviour.mounting))
            agent?.give(.step(number, .done), at: due)
        case .setup:
            let until = Timestamp(milliseconds: now.milliseconds + Int64(behaviour.setup))
            processes = .setup(until: until, code: behaviour.setupCode)
            tell(.setupStarted(attempt: attempt))
            agent?.give(.step(number, .done))
        case .findLocal(let policy):
            let found = look(policy, final: true, at: now)
            agent?.give(.step(number, found.failure.map { .failed($0) } ?? .scanned(found)))
        case .start(let command):
            agent?.give(.step(number, .done))
            start(command, at: now)
        case .checkCompletion(let rule):
            let missing = missing(rule)
            agent?.give(.step(number, .missing(missing)))
        case .admit, .fetchSecrets, .flushLogs: agent?.give(.step(number, .done))
        }
    }

    private var attempt: Int { agent?.machine.heartbeatAttempt ?? 0 }

    private mutating func look(
        _ policy: CheckpointPolicy, final: Bool, at now: Timestamp
    ) -> LocalScan {
        guard senses.seesCheckpoints else {
            return LocalScan(failure: "\(policy.path): permission denied")
        }
        let look = disk.look(policy, at: local(now))
        return agent?.seen.take(look, final: final) ?? LocalScan()
    }

    private func missing(_ rule: CompletionRule) -> [String] {
        [rule.file, rule.json?.file].compactMap { $0 }
            .filter { !disk.holds(SimulatedDisk.work + "/" + $0) }
            .map { "\($0) does not exist" }
    }

    // MARK: Processes

    private mutating func start(_ command: AgentCommand, at now: Timestamp) {
        guard let agent, let spec = agent.spec else { return }
        let path = command.environment["RESUME_FROM"]
        let saved = path.map { savedStep(at: $0) }
        // One that cannot read what it was told to go on from ends at once.
        let step = saved.map { $0 ?? -1 } ?? 0
        let policy = spec.checkpoint
        var behaviour = behaviour
        if step < 0 {
            behaviour.trouble = .init(.exit(code: 1), at: 0, untilAttempt: attempt)
        }
        let job = SimulatedTrainer.Job(
            attempt: attempt, policy: policy, completion: spec.completion, start: max(0, step))
        processes = .trainer(SimulatedTrainer(behaviour, job, at: now))
        tell(
            .trainerStarted(
                run: agent.configuration.run, attempt: attempt, from: path, step: max(0, step)))
    }

    /// The step in the files of a checkpoint; nil when one of them is torn or damaged.
    private func savedStep(at path: String) -> Int? {
        let steps = disk.paths(at: path).map { disk.read($0).flatMap { SavedStep(bytes: $0) } }
        guard let first = steps.first, let first, steps.allSatisfy({ $0 == first }) else {
            return nil
        }
        return first.step
    }

    /// Lets time or a signal reach the processes, and tells the agent what came of it.
    mutating func push(_ push: SimulatedProcesses.Push, at now: Timestamp) {
        let step = processes.step(at: now)
        for deed in processes.take(push, at: now, on: &disk) {
            switch deed {
            case .wrote(let path, let step, let isUsable):
                tell(.checkpointWritten(path: path, step: step, isUsable: isUsable))
            case .ended(let status, let outlived):
                tell(.processesEnded(status, step: step))
                let lines = step.map { ["step \($0)"] } ?? []
                agent?.give(
                    .processesEnded(
                        ProcessesEnd(status: status, outlived: outlived, lastLines: lines)))
            }
        }
    }
}
