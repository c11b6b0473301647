import Training

/// From the claim to the trainer's start.
extension AgentStateMachine {
    mutating func begin(_ step: AgentStep, _ now: Timestamp) {
        out.append(steps.begin(step, at: now))
    }

    mutating func stepEnded(_ step: AgentStep, _ result: StepResult, _ now: Timestamp) {
        switch result {
        case .fenced(let reason): fence(reason, now)
        case .failed(let reason):
            guard !steps.failed(step, limit: step.limit, at: now) else { break }
            // Not being able to read a checkpoint says nothing against it.
            if case .restore = step {
                fail("restore: \(reason)", now)
            } else {
                stepGaveUp(step, reason, now)
            }
        case .invalid(let reason):
            ending.isHeld = step.needsPerson
            stepGaveUp(step, reason, now)
        default: stepSucceeded(step, result, now)
        }
    }

    private mutating func stepSucceeded(
        _ step: AgentStep, _ result: StepResult, _ now: Timestamp
    ) {
        switch (step, result) {
        case (.claim, .claimed(let index, let ledger)): wasClaimed(index, ledger, now)
        case (.fetchSpec, .spec(let spec)): specWasFetched(spec, now)
        case (.findLocal, .scanned(let found)): localWasFound(found, now)
        case (.prepareWorkspace, _), (.admit, _), (.fetchSource, _), (.fetchMounts, _),
            (.fetchSecrets, _):
            prepare(after: step, now)
        case (.setup, _), (.start, _): commandStarted(step, now)
        case (.restore, .restored(let path)): wasRestored(path, now)
        case (.quarantine, .index(let index)):
            self.index = index
            followChoice(now)
        case (.setHead, _): headWasSet(now)
        case (.checkCompletion, .missing(let missing)): judged(missing: missing, now)
        case (.flushLogs, _): logsWereFlushed(now)
        default: stepGaveUp(step, "an answer of another kind", now)
        }
    }

    /// A step will not succeed any more.
    private mutating func stepGaveUp(_ step: AgentStep, _ reason: String, _ now: Timestamp) {
        switch step {
        case .claim: park(.powerOff(.asLaunched), because: "the claim failed: \(reason)", now)
        case .restore: restoreFailed(reason, now)
        case .flushLogs: logsWereFlushed(now)
        case .checkCompletion: judged(missing: [reason], now)
        case .fetchSpec where stage == .training: break
        case .findLocal where stage == .finishing: localWasFound(LocalScan(refused: [reason]), now)
        case .setup, .start:
            processes = .none
            if let claimLost {
                park(.powerOff(.terminate), because: claimLost, now)
            } else {
                fail("the command did not start: \(reason)", now)
            }
        default: fail("\(step.name): \(reason)", now)
        }
    }

    private mutating func specWasFetched(_ spec: RunSpec, _ now: Timestamp) {
        guard stage == .preparing else {
            tune(to: spec)
            return
        }
        self.spec = spec
        guard let attempt else { return }
        guard spec.name == configuration.run else {
            fail("the spec is of run \(spec.name)", now)
            return
        }
        if let memory, let policy = spec.checkpoint, leftovers(of: memory, belongTo: attempt) {
            uploads.recall(memory.known)
            begin(.findLocal(policy), now)
        } else {
            prepareWorkspace(now)
        }
    }

    /// Files of a life before are newer than the store only if that life was the last one, and
    /// they are wanted only if the attempt goes on from the newest.
    private func leftovers(of memory: AgentMemory, belongTo attempt: Attempt) -> Bool {
        memory.run == configuration.run && memory.generation == attempt.generation
            && attempt.start.kind == .newest && index?.head?.attempt == memory.attempt
    }

    private mutating func localWasFound(_ found: LocalScan, _ now: Timestamp) {
        switch stage {
        case .preparing:
            // `advanceUploads` goes on once all of them are in the store.
            uploads.found(found)
        case .restoring:
            uploads.disregard(found)
            start(now)
        case .finishing:
            uploads.found(found)
            ending.isScanned = true
        default: break
        }
    }

    mutating func prepareWorkspace(_ now: Timestamp) {
        let isOfThisGeneration =
            memory.map { $0.generation == attempt?.generation && $0.run == configuration.run }
        begin(.prepareWorkspace(clears: isOfThisGeneration == false), now)
    }

    /// What stands between the working directory and setup, in order.
    private var preparations: [AgentStep] {
        var steps: [AgentStep] = []
        if let trainer = configuration.trainer { steps.append(.admit(trainer)) }
        if let source = attempt?.source { steps.append(.fetchSource(source)) }
        if let spec, !spec.fileMounts.isEmpty { steps.append(.fetchMounts(spec.fileMounts)) }
        if let spec, !spec.secrets.isEmpty { steps.append(.fetchSecrets(spec.secrets)) }
        return steps
    }

    private mutating func prepare(after step: AgentStep, _ now: Timestamp) {
        if case .fetchMounts = step { outbox?.change { $0.detail = nil } }
        let steps = preparations
        let next = steps.firstIndex(of: step).map { $0 + 1 } ?? 0
        if next < steps.count { begin(steps[next], now) } else { setUp(now) }
    }

    private mutating func setUp(_ now: Timestamp) {
        guard let spec, let setup = spec.setup else {
            choose(now)
            return
        }
        stage = .settingUp
        outbox?.enter(.setup, at: now)
        processes = .starting
        begin(.setup(command(setup, of: spec)), now)
    }

    func command(_ text: String, of spec: RunSpec) -> AgentCommand {
        let variables = RunCommand.environment(
            spec, attempt: attempt?.number ?? configuration.attempt, node: configuration.node,
            place: place, resumeFrom: resumePath)
        return AgentCommand(text: text, environment: variables)
    }

    private mutating func commandStarted(_ step: AgentStep, _ now: Timestamp) {
        processes = .running
        guard claimLost == nil else {
            out.append(.kill)
            return
        }
        if case .start = step { trainingBegan(now) }
        if drain != nil { askToEnd(now) }
    }

    /// The attempt cannot go on; nothing of it is alive.
    mutating func fail(_ reason: String, _ now: Timestamp) {
        ending.failure = ending.failure ?? reason
        finish(nil, now)
    }
}

extension AgentStep {
    /// For all tries together.
    var limit: Seconds {
        if case .fetchMounts = self { return AgentStateMachine.Limit.mounts }
        return AgentStateMachine.Limit.step
    }

    /// Where it cannot be done, another machine would fare no better: a person grants, or mends
    /// the manifest.
    var needsPerson: Bool {
        switch self {
        case .fetchMounts, .fetchSecrets: true
        default: false
        }
    }

    /// For people.
    var name: String {
        switch self {
        case .claim: "claim"
        case .fetchSpec: "the spec"
        case .prepareWorkspace: "the working directory"
        case .admit: "the trainer's account"
        case .fetchSource: "the source"
        case .fetchMounts: "file_mounts"
        case .fetchSecrets: "secrets"
        case .setup: "setup"
        case .restore: "restore"
        case .quarantine: "quarantine"
        case .setHead: "the head"
        case .findLocal: "the scan for checkpoints"
        case .start: "start"
        case .checkCompletion: "completion"
        case .flushLogs: "logs"
        }
    }
}
