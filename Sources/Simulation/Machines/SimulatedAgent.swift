import Supervision
import Training

/// One life of the agent on a simulated machine: the production state machine, and what of its
/// effects is waited for.
struct SimulatedAgent: Sendable {
    /// Between two events of the agent's own making, as in its loop.
    private static let shortestWait: Int64 = 5

    let life: Int
    let configuration: AgentConfiguration
    var machine: AgentStateMachine
    var seen = SeenCheckpoints()
    var spec: RunSpec?
    var polls: HeldPolls
    /// When the machine wants to hear of the time again.
    private var tickAt: Timestamp?
    /// Answers that take their time.
    private var later: [(due: Timestamp, event: AgentEvent)] = []
    /// What it has not taken in yet.
    private var inbox: [AgentEvent] = []

    init(life: Int, _ configuration: AgentConfiguration, _ id: InstanceID, boot: String) {
        self.life = life
        self.configuration = configuration
        machine = AgentStateMachine(
            configuration: configuration, instance: id, boot: boot,
            place: WorkingPlace(work: SimulatedDisk.work))
        polls = HeldPolls(configuration.pace)
    }

    // MARK: Time

    var next: Timestamp? {
        if !inbox.isEmpty { return Timestamp(milliseconds: 0) }
        return [tickAt, later.map(\.due).min(), polls.next].compactMap { $0 }.min()
    }

    /// The next event to take in at `now`.
    mutating func takeEvent(
        dueAt now: Timestamp, _ senses: SimulatedMachine.Senses
    ) -> AgentEvent? {
        if !inbox.isEmpty { return inbox.removeFirst() }
        if let place = later.firstIndex(where: { $0.due <= now }) {
            return later.remove(at: place).event
        }
        if let event = polls.takeAnswer(dueAt: now, senses) { return event }
        guard let tickAt, tickAt <= now else { return nil }
        self.tickAt = nil
        return .tick
    }

    /// It has taken in an event.
    mutating func wentOn(at now: Timestamp, offset: Int64) {
        tickAt = machine.nextWake.map {
            let moment = max(
                $0.milliseconds - offset, now.milliseconds + SimulatedAgent.shortestWait)
            return Timestamp(milliseconds: moment)
        }
        guard let held = polls.heartbeat else { return }
        let isSame =
            machine.heartbeat == held.heartbeat && machine.heartbeatAttempt == held.attempt
        // Other words are to be said, or none.
        if !isSame || !machine.hasHeartbeat { releaseHeartbeat(at: now) }
    }

    private mutating func releaseHeartbeat(at end: Timestamp) {
        if polls.endHeartbeat(at: end) { inbox.append(.heartbeatWritten) }
    }

    /// It stood still since `moment`: its next words come at once.
    mutating func catchUp(since moment: Timestamp) { releaseHeartbeat(at: moment) }

    // MARK: Answers

    mutating func give(_ event: AgentEvent) { inbox.append(event) }

    mutating func give(_ event: AgentEvent, at due: Timestamp) {
        later.append((due, event))
    }

    mutating func take(_ answer: MachineAnswer, at now: Timestamp) {
        switch (answer.effect, answer.event) {
        case (.heartbeat(let heartbeat, let attempt), _):
            if answer.isWritten { polls.beat = .init(heartbeat, attempt) }
        case (_, .ledger(.unreadable)): polls.hasLedgerNews = true
        case (_, .step(_, .spec(let spec))): self.spec = spec
        default: break
        }
        inbox.append(answer.event)
    }

    mutating func pollsMayHaveNews(
        _ senses: SimulatedMachine.Senses, _ disk: SimulatedDisk, at now: Timestamp
    ) {
        polls.mayHaveNews(senses, disk, at: now)
    }
}
