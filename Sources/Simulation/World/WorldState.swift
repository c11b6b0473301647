import Checkpoints
package import Training

/// All that a world is at one moment, but for the suspended code of its processes.
package struct WorldState: Sendable {
    /// What is due at a moment.
    enum Happening: Sendable {
        case call(Int)
        case resume(@Sendable () -> Void)
        case wake(Int, version: Int)
        /// The agent of a machine that has booted starts.
        case boot(InstanceID, boot: Int)
        case machine(InstanceID)
        /// Whoever was disturbed may be silent for too long now.
        case alarm
    }

    package internal(set) var now: Timestamp
    /// The store that control plane and machines share.
    package let bucket: SimulatedStore
    let coding: any RecordCoding
    package var cloud: SimulatedCloud
    package var repository: SimulatedRepository
    package var network = Network() {
        // What a machine wrote until now it wrote by the old ways.
        willSet { renewHeartbeats() }
    }
    /// Whoever is told what happens; nil: nobody watches.
    package var witness: Witness?
    /// What alters the ports of processes that start from now on; nil: nothing does.
    package var mutation: Mutation?
    /// What a trial keeps of the facts; nil: nothing.
    var record: TrialRecord?
    /// Deaths of processes at a call, by the call and the side of its effect.
    var deaths = Tally()
    /// In the order in which they were announced.
    var deathsToCome: [Fault.Program: [Death]] = [:]
    /// Since the world was last looked at from outside.
    var reconcilerDied = false
    /// Failures that calls ended with, by their class.
    var failures = Tally()
    package internal(set) var trace = TraceHash()
    /// Happenings that were carried out.
    package internal(set) var events = 0
    /// Polls that were left out, since nothing had changed.
    package internal(set) var coalescedPolls = 0
    /// Raised by whatever a reconciler could see at its next look, but for its own sleep.
    package internal(set) var version = 0
    /// What it was after the last change that cannot wait.
    var pressing = 0
    /// When that was.
    var changedAt: Timestamp

    var agenda = Agenda<Happening>()
    var lives: [ProcessID: Life] = [:]
    var calls: [Int: PendingCall] = [:]
    var sleepers: [Int: Sleeper] = [:]
    /// The version that a reconciler's look showed whole, while that is known.
    var seen: [ProcessID: Int] = [:]
    var rests: [ProcessID: Rest] = [:]
    /// What a plan depends on in each index, as it was written last.
    var indexFaces: [String: IndexFace] = [:]
    var controlNodes: [Int: ControlNode] = [:]
    var hosts = Hosts()
    /// How the trainers of each run behave.
    package var behaviours: [RunName: TrainerBehaviour] = [:]
    /// What goes wrong on the machines of runs, on those that are still to come as well.
    var ailments: [RunName: Set<SimulatedMachine.Ailment>] = [:]
    var hands: [ProcessID: MachineHands] = [:]
    var errands: [Errand] = []
    /// How often something was written in each folder that is listed.
    var folders: [String: Int] = [:]
    var listings: [String: Listing] = [:]
    /// How many lives each reconciler has had.
    var reconcilerLives: [Int: Int] = [:]
    var lastNumber = 0
    var generator: SplitMix64

    init(
        cloud: SimulatedCloud, bucket: SimulatedStore, repository: SimulatedRepository,
        coding: any RecordCoding, seed: UInt64
    ) {
        now = cloud.now
        changedAt = cloud.now
        self.bucket = bucket
        self.coding = coding
        self.cloud = cloud
        self.repository = repository
        generator = SplitMix64(seed: seed)
    }

    mutating func nextNumber() -> Int {
        lastNumber += 1
        return lastNumber
    }

    mutating func enter(_ happening: Happening, after milliseconds: Int64) {
        agenda.enter(happening, at: Timestamp(milliseconds: now.milliseconds + milliseconds))
    }
}
