import Checkpoints
package import Training

/// All decisions of the agent on one machine, from its boot to its power-off.
///
/// A value without clock, randomness or effects of its own: what it wants done it returns, and what
/// came of that it is told. The same code runs on a machine and in the simulator.
package struct AgentStateMachine: Sendable {
    /// How far the agent is.
    package enum Stage: String, Hashable, Sendable {
        /// It looks in the ledger for what it is to do.
        case locating
        case claiming
        /// Spec, local leftovers, workspace, source.
        case preparing
        case settingUp
        case restoring
        case training
        /// The processes were asked to end.
        case draining
        /// All processes are gone: last upload, judgement, report.
        case finishing
        /// Another attempt holds the claim; the processes are killed.
        case fenced
        /// The report is written; the machine waits for its end.
        case parked
        case off
    }

    /// The bounds of every wait.
    package enum Limit {
        /// For an assignment and for the fence, from the boot.
        package static let waiting = Seconds.minutes(15)
        /// For one step on the road to training, all tries together.
        package static let step = Seconds.minutes(15)
        /// For `file_mounts`, all tries together.
        package static let mounts = Seconds.hours(6)
        /// For the last uploads and the report when nothing else ends them.
        package static let finish = Seconds.hours(1)
        /// Failed tries to commit what a life before left; about 15 minutes.
        package static let rescues = 20
        /// For processes to go after SIGKILL.
        package static let kill: Seconds = 60
        /// For the provider to take the machine after its notice's deadline.
        package static let taking = Seconds.minutes(10)
        /// For the stop of the machine itself (systemd's `DefaultTimeoutStopSec`).
        package static let shutdown: Seconds = 90
    }

    let configuration: AgentConfiguration
    let instance: InstanceID
    let boot: String
    let place: WorkingPlace

    package internal(set) var stage = Stage.locating
    var out: [AgentEffect] = []
    var bootedAt: Timestamp?
    var memory: AgentMemory?

    // What the ledger gave.
    var ledger: Ledger?
    var attempt: Attempt?
    var ordinal = 0
    var waitReason = "the ledger was not read yet"
    var waitingAttempt: Int?
    /// This attempt released itself already; it never trains again.
    var exhausted: Int?
    var seenIntent: String?
    var reconfiguration: Intent?

    // What the run is.
    var spec: RunSpec?
    var index: RunIndex?
    var failedRestores: [FailedRestore] = []
    var choice: ResumeChoice?
    var restoring: CheckpointReference?
    var resumePath: String?

    // What is under way.
    var steps = StepTrack()
    var uploads = UploadQueue()
    var outbox: ReportOutbox?
    var ledgerCadence: Cadence
    var noticeCadence: Cadence
    var heartbeatCadence: Cadence
    var dropped: [CheckpointID] = []
    var dropping = false
    var scanCadence: Cadence
    var scanFailure: String?
    var protectionCadence: Cadence
    var sight = Sight()

    // How it ends.
    var processes = Processes.none
    var trainingSince: Timestamp?
    var drain: Drain?
    var ending = Ending()
    var parking: Parking?
    var parkedAt: Timestamp?
    var claimLost: String?
    var fencedAt: Timestamp?

    /// Whether anything of the run may be alive.
    enum Processes: Hashable, Sendable {
        case none
        case starting
        case running
    }

    package init(
        configuration: AgentConfiguration, instance: InstanceID, boot: String, place: WorkingPlace
    ) {
        self.configuration = configuration
        self.instance = instance
        self.boot = boot
        self.place = place
        ledgerCadence = Cadence(every: configuration.pace.ledger)
        noticeCadence = Cadence(every: configuration.pace.metadata)
        heartbeatCadence = Cadence(every: configuration.pace.heartbeat)
        scanCadence = Cadence(every: min(1_000, configuration.pace.ledger))
        protectionCadence = Cadence(every: configuration.pace.metadata)
    }

    /// Takes in one event and gives what to do now, in order.
    package mutating func handle(_ event: AgentEvent, at now: Timestamp) -> [AgentEffect] {
        guard stage != .off else { return [] }
        absorb(event, now)
        // Each turn either changes the stage or is the last one; stages never go in a circle.
        var before: Stage
        repeat {
            before = stage
            advance(now)
        } while stage != before && stage != .off
        defer { out = [] }
        return out
    }

    private mutating func absorb(_ event: AgentEvent, _ now: Timestamp) {
        switch event {
        case .booted(let memory):
            bootedAt = now
            self.memory = memory
        case .tick: break
        case .ledger(let reading):
            ledgerCadence.ended()
            ledgerWasRead(reading, now)
        case .notice(let reading):
            noticeCadence.ended()
            noticeWasRead(reading, now)
        case .heartbeatWritten: heartbeatCadence.ended()
        case .scanned(let found):
            scanCadence.ended()
            diskWasScanned(found, now)
        case .commit(let checkpoint, let result): commitEnded(checkpoint, result, now)
        case .reported(let result):
            outbox?.ended(result, at: now)
            if case .fenced(let reason) = result { fence(reason, now) }
        case .dropped(let result):
            dropping = false
            if case .fenced(let reason) = result { fence(reason, now) }
        case .step(let number, let result):
            guard let step = steps.ended(number) else { break }
            stepEnded(step, result, now)
        case .mounting(let progress):
            if stage == .preparing { outbox?.change { $0.detail = progress } }
        case .processesEnded(let end): processesEnded(end, now)
        case .protection(let isProtected):
            protectionCadence.ended()
            protectionWasRead(isProtected, now)
        }
    }

    /// Does what time and the stage call for.
    private mutating func advance(_ now: Timestamp) {
        poll(now)
        enforceLimits(now)
        if let step = steps.retry(at: now) { out.append(step) }
        advanceUploads(now)
        if stage == .finishing { advanceFinish(now) }
        if claimLost == nil, let report = outbox?.start(at: now) { out.append(.report(report)) }
    }

    /// When to send `.tick`; nil: only an event can change anything.
    package var nextWake: Timestamp? {
        guard stage != .off else { return nil }
        return wakes.compactMap { $0 }.min()
    }
}
