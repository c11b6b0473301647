import Supervision
import Training

/// A machine in virtual time: answers the agent's effects as a script says, and keeps what it did.
struct ScriptedWorld {
    static let start = Timestamp(milliseconds: 1_790_000_000_000)
    static let run = AgentScene.run
    static let me = InstanceID("i-1")

    var machine: AgentStateMachine
    var now = ScriptedWorld.start
    private(set) var effects: [(at: Timestamp, effect: AgentEffect)] = []
    private var queue: [(at: Timestamp, order: Int, event: AgentEvent)] = []
    private var count = 0

    // The world.
    var spec: RunSpec
    var ledger: Ledger?
    var index = RunIndex(run: ScriptedWorld.run, writer: "test")
    var notice: Notice?
    /// Why metadata do not answer.
    var blindness: MetadataFailure?
    var isProtected: Bool? = false
    var local = LocalScan()
    /// Milliseconds from a commit's start to its answer.
    var uploadTime = 100
    var commitAnswer: CommitResult?
    var reportAnswer = ReportResult.written
    /// Answers to steps that differ from success, by the step's kind.
    var stepAnswers: [String: StepResult] = [:]
    /// Restores that do not verify.
    var corrupt: Set<CheckpointID> = []
    /// Milliseconds from the stop signal to the trainer's end; nil: it ignores the signal.
    var obeysAfter: Int? = 50
    var endOnSignal = ProcessesEnd(status: ExitStatus(code: 143))
    /// Some process is in uninterruptible sleep.
    var killsNothing = false
    /// What the trainer leaves on the disk when it obeys.
    var lastSave: LocalCheckpoint?
    private(set) var reports: [AttemptReport] = []
    private(set) var memories: [AgentMemory] = []
    private var readSerial: Int?

    init(
        _ spec: RunSpec = ScriptedWorld.spec(), attempt: Int = 1,
        pace: AgentConfiguration.Pace = .remote,
        configure: (inout AgentConfiguration) -> Void = { _ in }
    ) {
        self.spec = spec
        var configuration = AgentConfiguration(
            scope: "test", store: StoreIdentity(text: "store"), storeURL: "memory:",
            run: ScriptedWorld.run, attempt: attempt, ordinal: 1, pace: pace)
        configure(&configuration)
        machine = AgentStateMachine(
            configuration: configuration, instance: ScriptedWorld.me, boot: "boot",
            place: WorkingPlace(work: "/disk/work"))
        ledger = ScriptedWorld.ledger(ScriptedWorld.attempt(attempt, spec))
    }

    static func spec(
        every: Seconds = 600, completion: CompletionRule = CompletionRule(),
        stop: StopPolicy = StopPolicy(), onCompletion: EndPolicy = .terminate,
        maxDuration: Seconds? = nil, setup: String? = nil
    ) -> RunSpec {
        RunSpec(
            name: run, setup: setup, run: "train", resume: "train --resume {checkpoint}",
            checkpoint: CheckpointPolicy(path: "checkpoints/*.pt", every: every), stop: stop,
            completion: completion, onCompletion: onCompletion, maxDuration: maxDuration)
    }

    static func attempt(
        _ number: Int, _ spec: RunSpec = spec(), on instance: InstanceID? = nil, ordinal: Int = 1
    ) -> Attempt {
        var attempt = Attempt(
            number: number, generation: 1, digest: SpecDigest(of: spec),
            spec: StoredReference(key: "spec", sha256: Digest(of: "spec")),
            revision: Revision(ref: "main", commit: "0"), source: nil,
            start: StartPoint(.newest), reason: "test", createdAt: start)
        attempt.launches = [
            Launch(ordinal: ordinal, request: nil, instance: instance, createdAt: start)
        ]
        return attempt
    }

    static func ledger(_ attempts: Attempt...) -> Ledger {
        var ledger = Ledger(run: run, writer: "test")
        ledger.attempts = attempts
        return ledger
    }

    static func closure(_ evidence: Closure.Evidence) -> Closure {
        Closure(
            evidence: evidence, outcome: .interrupted, at: start, progressed: true, detail: "test")
    }

    static func saved(_ name: String) -> LocalCheckpoint {
        LocalCheckpoint(path: "checkpoints/\(name).pt", fingerprint: name)
    }

    // MARK: Time

    mutating func boot(memory: AgentMemory? = nil) {
        send(.booted(memory: memory))
    }

    /// Lets `span` pass, answering everything on the way.
    mutating func pass(_ span: Seconds) {
        let end = now + span
        while machine.stage != .off {
            let event = queue.min { ($0.at, $0.order) < ($1.at, $1.order) }
            let wake = machine.nextWake.map { max($0, now) }
            guard let next = [event?.at, wake].compactMap({ $0 }).min(), next <= end else { break }
            now = next
            if let event, event.at <= next {
                queue.removeAll { $0.order == event.order }
                send(event.event)
            } else {
                send(.tick)
            }
        }
        if machine.stage != .off { now = end }
    }

    mutating func answer(_ event: AgentEvent, after milliseconds: Int = 1) {
        count += 1
        queue.append((now.after(milliseconds: milliseconds), count, event))
    }

    mutating func changeLedger(_ body: (inout Ledger) -> Void) {
        guard var changed = ledger else { return }
        changed.serial += 1
        body(&changed)
        ledger = changed
    }

    mutating func send(_ event: AgentEvent) {
        for effect in machine.handle(event, at: now) {
            effects.append((now, effect))
            perform(effect)
        }
    }

    // MARK: What it did

    var signals: Int { effects.count { if case .signal = $0.effect { true } else { false } } }
    var kills: Int { effects.count { $0.effect == .kill } }

    var powerOff: PowerOff? {
        effects.lazy.compactMap {
            if case .powerOff(let how, _) = $0.effect { how } else { nil }
        }.first
    }

    var started: AgentCommand? {
        effects.lazy.compactMap {
            if case .step(_, .start(let command)) = $0.effect { command } else { nil }
        }.first
    }

    var lastHeartbeat: Heartbeat? {
        effects.lazy.reversed().compactMap {
            if case .heartbeat(let heartbeat, _) = $0.effect { heartbeat } else { nil }
        }.first
    }

    var commits: [(at: Timestamp, path: String)] {
        effects.compactMap {
            if case .commit(let order) = $0.effect { ($0.at, order.checkpoint.path) } else { nil }
        }
    }

    var claims: Int {
        effects.count { if case .step(_, .claim) = $0.effect { true } else { false } }
    }

    func time(of wanted: AgentEffect) -> Seconds? {
        effects.first { $0.effect == wanted }?.at.since(ScriptedWorld.start)
    }

    // MARK: Answers

    private mutating func perform(_ effect: AgentEffect) {
        switch effect {
        case .readLedger: answer(.ledger(reading()))
        case .readNotice:
            if let blindness {
                answer(.notice(.unseen(blindness)))
            } else {
                answer(.notice(notice.map { .notice($0) } ?? .none))
            }
        case .readProtection: answer(.protection(isProtected))
        case .heartbeat: answer(.heartbeatWritten)
        case .scan: answer(.scanned(local))
        case .commit(let order): commit(order)
        case .report(let report):
            if reportAnswer == .written { reports.append(report) }
            answer(.reported(reportAnswer))
        case .drop: answer(.dropped(.written))
        case .step(let number, let step): answer(.step(number, result(of: step)), after: 5)
        case .signal:
            if let obeysAfter {
                if let lastSave { local.complete.append(lastSave) }
                answer(.processesEnded(endOnSignal), after: obeysAfter)
            }
        case .kill:
            if !killsNothing {
                answer(.processesEnded(ProcessesEnd(status: ExitStatus(signal: 9))), after: 20)
            }
        case .remember(let memory): memories.append(memory)
        case .powerOff: break
        }
    }

    private mutating func reading() -> LedgerReading {
        guard let ledger else { return .missing }
        defer { readSerial = ledger.serial }
        return readSerial == ledger.serial ? .unchanged : .ledger(ledger)
    }

    private mutating func commit(_ order: CommitOrder) {
        if let commitAnswer {
            answer(.commit(order.checkpoint, commitAnswer), after: uploadTime)
            return
        }
        let attempt = ledger?.attempts.last?.number ?? 1
        let sequence = index.checkpoints.count { $0.id.attempt == attempt } + 1
        let entry = IndexedCheckpoint(
            id: CheckpointID(attempt: attempt, sequence: sequence), generation: order.generation,
            digest: order.digest, step: nil,
            parent: index.checkpoints.last?.id, size: 1, committedAt: now)
        index.checkpoints.append(entry)
        answer(.commit(order.checkpoint, .committed(entry)), after: uploadTime)
    }

    private mutating func result(of step: AgentStep) -> StepResult {
        switch step {
        case .claim:
            return stepAnswers["claim"]
                ?? ledger.map { .claimed(index, $0) } ?? .failed("no ledger")
        case .fetchSpec: return stepAnswers["spec"] ?? .spec(spec)
        case .prepareWorkspace, .fetchSource, .flushLogs: return .done
        case .admit: return stepAnswers["admit"] ?? .done
        case .fetchMounts: return stepAnswers["mounts"] ?? .done
        case .fetchSecrets: return stepAnswers["secrets"] ?? .done
        case .setup:
            let answer = stepAnswers["setup"] ?? .done
            return answer
        case .restore(let reference):
            return corrupt.contains(reference.checkpoint)
                ? .invalid("a digest differs") : .restored(path: "/disk/work/checkpoints/a b.pt")
        case .quarantine(let id, let digest, let reason):
            if let place = index.checkpoints.firstIndex(where: { $0.id == id }) {
                index.checkpoints[place].quarantines.append(
                    Quarantine(digest: digest, attempt: 1, reason: reason, at: now))
            }
            return .index(index)
        case .setHead(let id):
            index.head = Head(attempt: ledger?.attempts.last?.number ?? 1, checkpoint: id)
            return stepAnswers["head"] ?? .done
        case .findLocal: return .scanned(local)
        case .start: return stepAnswers["start"] ?? .done
        case .checkCompletion: return stepAnswers["completion"] ?? .missing([])
        }
    }
}
