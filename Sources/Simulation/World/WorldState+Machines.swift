import Planning
import Supervision
package import Training

/// What befalls machines, and what they do.
extension WorldState {
    /// What only the code outside of the state can do: asynchronous work of an agent.
    enum Errand: Sendable {
        case begin(ProcessID, InstanceID, AgentConfiguration, boot: String)
        case order(ProcessID, InstanceID, StoreOrder)
    }

    // MARK: From EC2

    mutating func befall(_ event: CloudEvent) {
        trace.mix(event.at)
        trace.mix(event.instance.text)
        note(.befell(event), by: nil)
        switch event.kind {
        case .booted(let boot): host(event.instance, in: event.region, boot: boot)
        case .noticed(let interruption):
            let notice = Notice(kind: .spotInterruption, deadline: interruption.time)
            touch(event.instance) { machine, now in
                machine.sense(at: now) { $0.notice = notice }
            }
        // One that fades was terminated long before.
        case .rebalanceRecommended, .maintenanceScheduled, .faded: break
        case .shutdownAsked: touch(event.instance) { $0.shutDown(at: $1) }
        case .powerCut(let state):
            touch(event.instance) { $0.cutPower(at: $1) }
            if state == .terminated { hosts.remove(event.instance) }
        }
    }

    /// The system of a machine is up: what its user data says will start its agent.
    private mutating func host(_ id: InstanceID, in region: String, boot: Int) {
        guard let instance = cloud[ec2: region].instances[id],
            let configuration = AgentConfiguration(bootedBy: instance.request.userData)
        else { return }
        let behaviour = behaviours[configuration.run] ?? TrainerBehaviour()
        let place = hosts.place(of: id) {
            HostedMachine(
                machine: SimulatedMachine(id, behaviour: behaviour), region: region,
                configuration: configuration)
        }
        hosts.list[place].machine.sense(at: now) { senses in
            senses.notice = nil
            senses.isProtected = instance.isProtected
        }
        hosts.list[place].machine.suffer(ailments[configuration.run] ?? [], at: now)
        let delay = boot == 1 ? HostedMachine.firstStart : HostedMachine.laterStart
        enter(.boot(id, boot: boot), after: generator.span(delay))
    }

    mutating func startAgent(on id: InstanceID, boot: Int) {
        guard let place = hosts.place(of: id),
            let instance = cloud[ec2: hosts.list[place].region].instances[id],
            instance.state == .running, instance.boots == boot
        else { return }
        let configuration = hosts.list[place].configuration
        touch(id) { $0.boot(configuration, boot: "boot-\(boot)", at: $1) }
    }

    /// Its tags were changed by somebody.
    package mutating func tagsChanged(of id: InstanceID) {
        guard let place = hosts.place(of: id),
            let instance = cloud[ec2: hosts.list[place].region].instances[id]
        else { return }
        touch(id) { machine, now in
            machine.sense(at: now) { $0.isProtected = instance.isProtected }
        }
    }

    // MARK: From the store

    /// The ledger of a run was written: its machines may have something to read.
    mutating func ledgerChanged(of key: String) {
        for place in hosts.list.indices
        where hosts.list[place].machine.isOn && hosts.list[place].ledger == key {
            touch(hosts.list[place].machine.id) { $0.ledgerChanged(at: $1) }
        }
    }

    /// Gives every heartbeat object the time at which its machine has last written it.
    mutating func renewHeartbeats() {
        let network = network
        for beat in hosts.heartbeats(at: now, reach: { network.isOpen(.store(.put), from: $0) }) {
            bucket.renew(beat.key, in: &cloud.s3, at: beat.at)
            renew(beat.key, at: beat.at)
        }
    }

    // MARK: The machine itself

    /// Lets a machine do something, and does for it what it then asks for.
    package mutating func touch(
        _ id: InstanceID, _ body: (inout SimulatedMachine, Timestamp) -> Void
    ) {
        guard let place = hosts.place(of: id) else { return }
        body(&hosts.list[place].machine, now)
        for output in hosts.list[place].machine.takeOutputs() { carryOut(output, on: id) }
        // What it asked for may have ended it.
        guard let place = hosts.place(of: id) else { return }
        let wake = hosts.list[place].machine.nextWake.map { max($0, now) }
        guard hosts.list[place].wakeAt != wake else { return }
        hosts.list[place].wakeAt = wake
        if let wake { agenda.enter(.machine(id), at: wake) }
    }

    private mutating func carryOut(_ output: MachineOutput, on id: InstanceID) {
        guard let place = hosts.place(of: id) else { return }
        let region = hosts.list[place].region
        switch output {
        case .fact(let fact): note(fact, on: place)
        case .agentStarted(let life, let configuration, let boot):
            hosts.list[place].life = life
            hosts.list[place].beatsAt = now
            let process = ProcessID.agent(id, life: life)
            lives[process] = Life(clockOffset: hosts.list[place].machine.clockOffset)
            errands.append(.begin(process, id, configuration, boot: boot))
        case .agentEnded(let life): kill(.agent(id, life: life))
        case .order(let order): errands.append(.order(hosts.list[place].process, id, order))
        case .poweredOff: fromInside(region) { $0.powerOff(id) }
        case .halted: fromInside(region) { $0.halt(id) }
        }
    }

    /// A region's own time stands still between its events: it is brought up to now first.
    private mutating func fromInside(_ region: String, _ act: (inout SimulatedEC2) -> Void) {
        cloud.move(to: now)
        act(&cloud[ec2: region])
    }

    mutating func wakeMachine(_ id: InstanceID) {
        guard let place = hosts.place(of: id), let wakeAt = hosts.list[place].wakeAt, wakeAt <= now
        else { return }
        hosts.list[place].wakeAt = nil
        trace.mix(now)
        trace.mix(0x500)
        touch(id) { $0.wake(at: $1) }
    }

    mutating func take(_ answer: MachineAnswer, from process: ProcessID, on id: InstanceID) {
        guard lives[process]?.isDead == false else { return }
        touch(id) { $0.take(answer, at: $1) }
    }

    private mutating func note(_ fact: MachineFact, on place: Int) {
        let id = hosts.list[place].machine.id
        let run = hosts.list[place].configuration.run
        record?.story?.note(fact, of: run, on: id, at: now)
        switch fact {
        case .restored(let reference): hosts.list[place].restored = reference.checkpoint
        case .agentStarted: hosts.list[place].restored = nil
        case .trainerStarted(let run, _, let from, let step):
            trace.mix(UInt64(bitPattern: Int64(step)))
            let parent = from == nil ? nil : hosts.list[place].restored
            note(.trainerStarted(id, run, from: parent), by: nil)
        case .processesEnded(let status, let step):
            // Those of setup make no steps.
            if step != nil { note(.trainerEnded(id, status), by: nil) }
        case .agentLost, .agentStage, .setupStarted, .checkpointWritten, .committed, .poweredOff,
            .halted:
            break
        }
    }

    /// The step that the trainer of a machine is at; nil: none lives there.
    func step(on id: InstanceID) -> Int? {
        hosts.place(of: id).flatMap { hosts.list[$0].machine.processes.step(at: now) }
    }

    // MARK: Files, for the store's port

    func file(_ path: String, of process: ProcessID) throws(StoreFailure) -> [UInt8] {
        guard let place = process.machine.flatMap({ hosts.place(of: $0) }),
            let bytes = hosts.list[place].machine.disk.read(path)
        else {
            throw .local("\(path) does not exist")
        }
        return bytes
    }

    mutating func write(
        _ bytes: [UInt8], to path: String, of process: ProcessID
    ) throws(StoreFailure) {
        guard let place = process.machine.flatMap({ hosts.place(of: $0) }) else {
            throw .local("\(path) cannot be written")
        }
        guard !hosts.list[place].machine.disk.isFull else {
            throw .local("\(path): no space left on device")
        }
        hosts.list[place].machine.disk.write(bytes, to: path, at: now)
    }
}

extension SimulatedInstance {
    fileprivate var isProtected: Bool { tags[Tag.protect] == "true" }
}

extension AgentConfiguration {
    /// What a machine's user data tells its agent: the line of JSON in the script of its first
    /// boot.
    init?(bootedBy userData: [UInt8]) {
        let lines = userData.split(separator: UInt8(ascii: "\n"))
        guard let line = lines.first(where: { $0.first == UInt8(ascii: "{") }),
            let configuration = try? CanonicalJSON.decode(
                AgentConfiguration.self, from: Array(line))
        else { return nil }
        self = configuration
    }
}
