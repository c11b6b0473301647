import Supervision
import Training

/// A machine of EC2 with what lives on it.
struct HostedMachine: Sendable {
    /// Milliseconds from the moment its system is up until its agent starts: at its first boot the
    /// script that fetches the agent, later the service alone.
    static let firstStart: ClosedRange<Int64> = 10_000...60_000
    static let laterStart: ClosedRange<Int64> = 1_000...8_000

    var machine: SimulatedMachine
    let region: String
    let configuration: AgentConfiguration
    /// Where the ledger of its run is.
    let ledger: String
    /// When the world is to wake it; entries of the agenda for another moment are stale.
    var wakeAt: Timestamp?
    /// The reading of its checkpoint that its trainer goes on from.
    var restored: CheckpointID?
    /// Before this its agent writes no other heartbeat of the same words.
    var beatsAt = Timestamp(milliseconds: 0)
    /// The newest life of its agent.
    var life = 0

    init(machine: SimulatedMachine, region: String, configuration: AgentConfiguration) {
        self.machine = machine
        self.region = region
        self.configuration = configuration
        ledger = StoreLayout.ledger(configuration.run)
    }

    var process: ProcessID { .agent(machine.id, life: life) }
}

/// The machines that are there, in the order in which they came; each is changed in its place.
struct Hosts: Sendable {
    /// Read and changed in place: a machine is large to copy.
    var list: [HostedMachine] = []
    private var order: [InstanceID: Int] = [:]

    func place(of id: InstanceID) -> Int? { order[id] }

    /// Where a machine is, which is made when it is not there yet.
    mutating func place(of id: InstanceID, _ make: () -> HostedMachine) -> Int {
        if let place = order[id] { return place }
        order[id] = list.count
        list.append(make())
        return list.count - 1
    }

    mutating func remove(_ id: InstanceID) {
        guard let place = order.removeValue(forKey: id) else { return }
        list.remove(at: place)
        for later in place..<list.count { order[list[later].machine.id] = later }
    }

    /// The heartbeats of machines whose agents `reach` the store.
    mutating func heartbeats(
        at now: Timestamp, reach: (ProcessID) -> Bool
    ) -> [(key: String, at: Timestamp)] {
        var beats: [(key: String, at: Timestamp)] = []
        for place in list.indices where list[place].life > 0 && list[place].beatsAt <= now {
            let id = list[place].machine.id
            guard reach(.agent(id, life: list[place].life)),
                let beat = list[place].machine.heartbeat(at: now)
            else { continue }
            let period = list[place].configuration.pace.heartbeat
            list[place].beatsAt = beat.at.after(milliseconds: period)
            beats.append(beat)
        }
        return beats
    }
}

/// What a life of an agent reaches of its world.
struct WorldSurroundings: MachineSurroundings {
    let world: World
    let process: ProcessID
    let machine: InstanceID
    let store: any ObjectStore

    init(world: World, process: ProcessID, machine: InstanceID) {
        self.world = world
        self.process = process
        self.machine = machine
        let store = WorldStore(world: world, process: process)
        self.store = world.with(\.mutation)?.agent(store, world.coding) ?? store
    }

    var clock: any WallClock { WorldClock(world: world, process: process) }
    func draw() -> UInt64 { world.with { $0.generator.next() } }

    func withDisk<Answer: Sendable>(_ body: (inout SimulatedDisk) -> Answer) -> Answer? {
        world.with { state in
            guard state.lives[process]?.isDead == false else { return nil }
            return state.hosts.place(of: machine).map { body(&state.hosts.list[$0].machine.disk) }
        }
    }
}
