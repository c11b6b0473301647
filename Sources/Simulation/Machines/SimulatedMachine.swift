import Supervision
package import Training

/// A machine as a value: its disk, the production agent's decisions, and what trains on it.
///
/// Stands for the runner of the agent's effects, the disk and the processes. What must go through
/// the store it gives out as orders, carried out by `MachineHands` and brought back by `take`. The
/// world calls `wake` at `nextWake`, tells what reaches the machine from outside, and takes what
/// came of all that by `takeOutputs`.
package struct SimulatedMachine: Sendable {
    /// Where systemd's unit of the agent waits before it starts a crashed one again.
    static let restartDelay = Seconds(5)

    package let id: InstanceID
    package var behaviour: TrainerBehaviour
    package var disk = SimulatedDisk()
    /// What its metadata service and its tags show.
    package private(set) var senses = Senses()
    /// Its clock is ahead by this many milliseconds; behind when negative.
    package var clockOffset: Int64 = 0
    /// How many lives the agent has had, over all boots.
    package private(set) var life = 0
    package private(set) var isOn = false

    var agent: SimulatedAgent?
    var processes = SimulatedProcesses.none
    private var booted: (configuration: AgentConfiguration, boot: String)?
    private var restartAt: Timestamp?
    /// The system's own shutdown kills what is left then.
    var shutdownBy: Timestamp?
    private var ice: Ice?
    private var outputs: [MachineOutput] = []

    /// What the machine can see of its surroundings but for the store.
    package struct Senses: Hashable, Sendable {
        package var notice: Notice?
        package var seesMetadata = true
        package var seesCheckpoints = true
        package var isProtected = false

        package init() {}
    }

    /// What goes wrong on a machine for a while.
    package enum Ailment: Hashable, Sendable {
        /// Its metadata service gives no answer.
        case blind
        /// The folder of the checkpoints cannot be read.
        case unsaved
        case fullDisk
    }

    /// Nothing of it runs until then.
    private struct Ice: Sendable {
        var since: Timestamp
        var until: Timestamp
        var holdsProcesses: Bool
    }

    package init(_ id: InstanceID, behaviour: TrainerBehaviour) {
        self.id = id
        self.behaviour = behaviour
    }

    package mutating func takeOutputs() -> [MachineOutput] {
        defer { outputs = [] }
        return outputs
    }

    mutating func tell(_ fact: MachineFact) { outputs.append(.fact(fact)) }
    mutating func put(_ output: MachineOutput) { outputs.append(output) }

    func local(_ now: Timestamp) -> Timestamp {
        Timestamp(milliseconds: now.milliseconds + clockOffset)
    }

    // MARK: Time

    /// When something is due on it; nil: only the world can change anything.
    package var nextWake: Timestamp? {
        let processes = ice?.holdsProcesses == true ? nil : processes.next
        let agent = ice == nil ? agent?.next : nil
        return [processes, agent, restartAt, shutdownBy, ice?.until].compactMap { $0 }.min()
    }

    /// Does what is due at `now`.
    package mutating func wake(at now: Timestamp) {
        if let ice, ice.until <= now { thaw(ice, at: now) }
        if let shutdownBy, shutdownBy <= now { return halt(at: now) }
        if let restartAt, restartAt <= now {
            self.restartAt = nil
            startAgent(at: now)
        }
        if ice?.holdsProcesses != true { push(.time, at: now) }
        advanceAgent(at: now)
    }

    // MARK: Power

    /// Its system has come up, and its agent starts.
    package mutating func boot(
        _ configuration: AgentConfiguration, boot: String, at now: Timestamp
    ) {
        guard !isOn else { return }
        isOn = true
        booted = (configuration, boot)
        startAgent(at: now)
    }

    private mutating func startAgent(at now: Timestamp) {
        guard let booted else { return }
        life += 1
        agent = SimulatedAgent(life: life, booted.configuration, id, boot: booted.boot)
        tell(.agentStarted(life: life, boot: booted.boot))
        put(.agentStarted(life: life, booted.configuration, boot: booted.boot))
        give(.booted(memory: disk.memory), at: now)
    }

    /// It loses its power: what is in no file is gone.
    package mutating func cutPower(at now: Timestamp) {
        guard isOn else { return }
        loseAgent()
        push(.power, at: now)
        goDown()
    }

    /// Its system is asked to shut down: by the console, by EC2, by a person inside.
    package mutating func shutDown(at now: Timestamp) {
        guard isOn, shutdownBy == nil else { return }
        guard agent != nil else { return halt(at: now) }
        shutdownBy = now + AgentStateMachine.Limit.shutdown
        let deadline = local(now) + AgentStateMachine.Limit.shutdown
        give(.notice(.notice(Notice(kind: .shutdown, deadline: deadline))), at: now)
    }

    private mutating func halt(at now: Timestamp) {
        loseAgent()
        push(.power, at: now)
        goDown()
        tell(.halted)
        put(.halted)
    }

    /// The agent has ended the machine's work.
    mutating func powerOff(_ how: PowerOff, because reason: String, at now: Timestamp) {
        tell(.poweredOff(how, reason: reason))
        let wasAsked = shutdownBy != nil
        endAgent()
        push(.power, at: now)
        goDown()
        if wasAsked { tell(.halted) }
        put(wasAsked ? .halted : .poweredOff)
    }

    private mutating func goDown() {
        disk.closeAll()
        isOn = false
        restartAt = nil
        shutdownBy = nil
        ice = nil
    }

    private mutating func endAgent() {
        guard agent != nil else { return }
        agent = nil
        put(.agentEnded(life: life))
    }

    private mutating func loseAgent() {
        guard agent != nil else { return }
        endAgent()
        tell(.agentLost(life: life))
    }

    // MARK: Mishaps

    /// The agent dies.
    ///
    /// With `KillMode=mixed` systemd then kills the rest of its unit, and starts it again after a
    /// while.
    package mutating func crash(at now: Timestamp) {
        guard agent != nil else { return }
        loseAgent()
        push(.kill, at: now)
        disk.closeAll()
        ice = nil
        guard shutdownBy == nil else { return halt(at: now) }
        restartAt = now + SimulatedMachine.restartDelay
    }

    /// Nothing of the agent runs until then, as after SIGSTOP; with `processes` nothing of the
    /// trainer either, as on a machine that is starved or paused.
    package mutating func freeze(
        until end: Timestamp, processes holdsProcesses: Bool, at now: Timestamp
    ) {
        guard isOn, end > now, ice == nil else { return }
        ice = Ice(since: now, until: end, holdsProcesses: holdsProcesses)
    }

    package var isFrozen: Bool { ice != nil }

    private mutating func thaw(_ ice: Ice, at now: Timestamp) {
        self.ice = nil
        if ice.holdsProcesses {
            processes.shift(by: now.milliseconds - ice.since.milliseconds)
        }
        agent?.catchUp(since: ice.since)
        advanceAgent(at: now)
    }

    // MARK: What reaches it

    /// What its metadata service and its tags show changed.
    package mutating func sense(at now: Timestamp, _ change: (inout Senses) -> Void) {
        change(&senses)
        agent?.pollsMayHaveNews(senses, disk, at: now)
    }

    /// From now on it has these ailments and no other.
    package mutating func suffer(_ ailments: Set<Ailment>, at now: Timestamp) {
        disk.isFull = ailments.contains(.fullDisk)
        sense(at: now) { senses in
            senses.seesMetadata = !ailments.contains(.blind)
            senses.seesCheckpoints = !ailments.contains(.unsaved)
        }
    }

    /// The ledger of its run was written.
    package mutating func ledgerChanged(at now: Timestamp) {
        agent?.polls.hasLedgerNews = true
        agent?.pollsMayHaveNews(senses, disk, at: now)
    }

    /// An order of its agent was carried out.
    package mutating func take(_ answer: MachineAnswer, at now: Timestamp) {
        guard agent?.life == answer.life else { return }
        switch answer.event {
        case .commit(_, .committed(let entry)): tell(.committed(entry))
        case .step(_, .restored):
            if case .step(_, .restore(let reference)) = answer.effect { tell(.restored(reference)) }
        default: break
        }
        agent?.take(answer, at: now)
        advanceAgent(at: now)
    }

    /// Which object says that its agent lives, and when it was written last; nil while none is.
    ///
    /// Only the first heartbeat of the same words is really written: the world gives the object
    /// this time when somebody looks.
    package func heartbeat(at now: Timestamp) -> (key: String, at: Timestamp)? {
        guard let booted, let polls = agent?.polls, let held = polls.heartbeat ?? polls.said?.words
        else { return nil }
        let end = polls.heartbeat == nil ? polls.said?.until : ice?.since
        let last = min(now, end ?? now)
        let period = Int64(max(1, booted.configuration.pace.heartbeat))
        let turns = max(0, last.milliseconds - held.since.milliseconds) / period
        let key = StoreLayout.heartbeat(
            booted.configuration.run, attempt: held.attempt, node: booted.configuration.node)
        return (key, Timestamp(milliseconds: held.since.milliseconds + turns * period))
    }
}

/// What the world has to do for a machine.
package enum MachineOutput: Sendable {
    case fact(MachineFact)
    /// A new life of its agent, which will need hands.
    case agentStarted(life: Int, AgentConfiguration, boot: String)
    /// What this life has asked for and was not answered is waited for by nobody.
    case agentEnded(life: Int)
    /// To be carried out by the hands of its life, and answered.
    case order(StoreOrder)
    /// It has shut itself down.
    case poweredOff
    /// It has come to the end of a shutdown that it was asked for.
    case halted
}
