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
        case .rebalanceRecommended, .maintenanceScheduled: break
        case .shutdownAsked: touch(event.instance) { $0.shutDown(at: $1) }
        case .powerCut(let state):
            touch(event.instance) { $0.cutPower(at: $1) }
            if state == .terminated { hosts.remove(event.instance) }
        case .faded: hosts.remove(event.instance)
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
        hosts[place].machine.sense(at: now) { senses in
            senses.notice = nil
            senses.isProtected = instance.tags[Tag.protect] == "true"
        }
        let delay = boot == 1 ? HostedMachine.firstStart : HostedMachine.laterStart
        enter(.boot(id, boot: boot), after: generator.span(delay))
    }

    mutating func startAgent(on id: InstanceID, boot: Int) {
        guard let place = hosts.place(of: id),
            let instance = cloud[ec2: hosts[place].region].instances[id],
            instance.state == .running, instance.boots == boot
        else { return }
        let configuration = hosts[place].configuration
        touch(id) { $0.boot(configuration, boot: "boot-\(boot)", at: $1) }
    }

    /// Its tags were changed by somebody.
    package mutating func tagsChanged(of id: InstanceID) {
        guard let place = hosts.place(of: id),
            let tags = cloud[ec2: hosts[place].region].instances[id]?.tags
        else { return }
        let isProtected = tags[Tag.protect] == "true"
        touch(id) { machine, now in machine.sense(at: now) { $0.isProtected = isProtected } }
    }

    // MARK: From the store

    /// The ledger of a run was written: its machines may have something to read.
    mutating func ledgerChanged(of key: String) {
        for place in hosts.places
        where hosts[place].machine.isOn && hosts[place].ledger == key {
            touch(hosts[place].machine.id) { $0.ledgerChanged(at: $1) }
        }
    }

    /// Gives every heartbeat object the time at which its machine has last written it.
    mutating func renewHeartbeats() {
        let network = network
        for beat in hosts.heartbeats(at: now, reach: { network.isOpen(.store(.put), from: $0) }) {
            bucket.renew(beat.key, in: &cloud.s3, at: beat.at)
            touchFolder(of: beat.key)
        }
    }

    // MARK: The machine itself

    /// Lets a machine do something, and does for it what it then asks for.
    package mutating func touch(
        _ id: InstanceID, _ body: (inout SimulatedMachine, Timestamp) -> Void
    ) {
        guard let place = hosts.place(of: id) else { return }
        body(&hosts[place].machine, now)
        for output in hosts[place].machine.takeOutputs() { carryOut(output, on: id) }
        // What it asked for may have ended it.
        guard let place = hosts.place(of: id) else { return }
        let wake = hosts[place].machine.nextWake.map { max($0, now) }
        guard hosts[place].wakeAt != wake else { return }
        hosts[place].wakeAt = wake
        if let wake { agenda.enter(.machine(id), at: wake) }
    }

    private mutating func carryOut(_ output: MachineOutput, on id: InstanceID) {
        guard let place = hosts.place(of: id) else { return }
        let region = hosts[place].region
        switch output {
        case .fact(let fact): note(fact, on: place)
        case .agentStarted(let life, let configuration, let boot):
            hosts[place].life = life
            hosts[place].beatsAt = now
            let process = ProcessID.agent(id, life: life)
            lives[process] = Life(clockOffset: hosts[place].machine.clockOffset)
            errands.append(.begin(process, id, configuration, boot: boot))
        case .agentEnded(let life): kill(.agent(id, life: life))
        case .order(let order): errands.append(.order(hosts[place].process, id, order))
        case .poweredOff:
            // A region's own time stands still between its events.
            cloud.move(to: now)
            cloud[ec2: region].powerOff(id)
        case .halted:
            cloud.move(to: now)
            cloud[ec2: region].halt(id)
        }
    }

    mutating func wakeMachine(_ id: InstanceID) {
        guard let place = hosts.place(of: id), let wakeAt = hosts[place].wakeAt, wakeAt <= now
        else { return }
        hosts[place].wakeAt = nil
        trace.mix(now)
        trace.mix(0x500)
        touch(id) { $0.wake(at: $1) }
    }

    mutating func take(_ answer: MachineAnswer, from process: ProcessID, on id: InstanceID) {
        guard lives[process]?.isDead == false else { return }
        touch(id) { $0.take(answer, at: $1) }
    }

    private mutating func note(_ fact: MachineFact, on place: Int) {
        let id = hosts[place].machine.id
        switch fact {
        case .restored(let reference): hosts[place].restored = reference.checkpoint
        case .agentStarted: hosts[place].restored = nil
        case .trainerStarted(let run, _, let from, let step):
            trace.mix(UInt64(bitPattern: Int64(step)))
            let parent = from == nil ? nil : hosts[place].restored
            note(.trainerStarted(id, run, from: parent), by: nil)
        case .processesEnded(let status, let step):
            // Those of setup make no steps.
            if step != nil { note(.trainerEnded(id, status), by: nil) }
        case .agentLost, .agentStage, .setupStarted, .checkpointWritten, .committed, .poweredOff,
            .halted:
            break
        }
    }

    // MARK: Files, for the store's port

    func file(_ path: String, of process: ProcessID) throws(StoreFailure) -> [UInt8] {
        guard let place = process.machine.flatMap({ hosts.place(of: $0) }),
            let bytes = hosts[place].machine.disk.read(path)
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
        hosts[place].machine.disk.write(bytes, to: path, at: now)
    }
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
