package import Checkpoints
package import Planning
import Reconciliation
package import Training

/// All checkers of a world: told every fact as it happens, they say which promise was broken.
///
/// They look at the world only: at machines, trainers, objects and who wrote them. A fact that
/// matters to none of them costs nothing but a look at its kind.
package struct Witness: Sendable {
    /// A world that goes on after this many broken promises tells nothing new.
    package static let limit = 100

    package private(set) var broken: [BrokenPromise] = []
    /// Plans that were made, of all reconcilers together.
    package private(set) var plans = 0
    /// The newest one.
    package private(set) var lastPlan: Plan?
    /// What the branch names now.
    package private(set) var fleet: DesiredFleet?

    let scope: String
    let store: SimulatedStore
    let coding: any RecordCoding
    var policies: [RunName: [StopPolicy]] = [:]
    var machines = LaunchedMachines()
    var trainers = OneTrainer()
    var intents = OneMachine()
    var foreign: ForeignMachines
    var gate = Gate()
    var checkpoints = NothingLost()
    var reads = WholeReads()
    var fuse = FuseLimit()
    var reasons = Reasons()
    var quiet = Quiet()
    var growth = Growth()
    var convergence = Convergence()

    /// `coding` is that of the world's records.
    package init(
        scope: String, store: SimulatedStore, coding: any RecordCoding = JSONRecordCoding()
    ) {
        self.scope = scope
        self.store = store
        self.coding = coding
        foreign = ForeignMachines(scope: scope, store: store.identity)
    }

    /// Takes note of what happened, in a world whose cloud is `cloud` at that moment.
    package mutating func note(
        _ fact: WorldFact, by process: ProcessID?, at now: Timestamp, cloud: SimulatedCloud
    ) {
        switch fact {
        case .occurred(let occurrence):
            guard let process else { return }
            switch occurrence {
            case .planned(let plan, _): planned(plan, by: process, at: now)
            case .acting(let action): acting(action, at: now)
            default: return
            }
        case .finished: return
        case .read(let reading, let isWhole):
            guard let process else { return }
            read(reading, isWhole: isWhole, by: process, at: now, cloud)
        case .fetched(let fleet):
            guard let process else { return }
            reads.fetched(fleet, by: process)
            quiet.fetched(fleet, by: process)
        case .wrote(let key, let etag): wrote(key, etag, by: process, at: now, cloud)
        case .deleted(let key): deleted(key, by: process, at: now)
        case .launched(let instance, let request):
            launched(instance, request, by: process, at: now)
        case .ordered(let verb, let machine):
            ordered(verb, machine, by: process, at: now, cloud)
        case .befell(let event): befell(event)
        case .trainerStarted(let machine, let run, let parent):
            started(run, on: machine, from: parent, at: now)
        case .trainerEnded(let machine, let status): ended(on: machine, status, at: now)
        case .declared(let fleet): declared(fleet, at: now)
        case .approved:
            quiet.changed(nil, at: now)
            fuse.approved(at: now)
        case .disturbed: quiet.changed(nil, at: now)
        }
    }

    mutating func report(_ promise: BrokenPromise?) {
        guard let promise, broken.count < Witness.limit else { return }
        broken.append(promise)
    }

    // MARK: What is planned and declared

    private mutating func planned(_ plan: Plan, by process: ProcessID, at now: Timestamp) {
        plans += 1
        lastPlan = plan
        report(reads.planned(plan, by: process, machines, at: now))
        report(reasons.planned(plan, by: process, at: now))
        report(quiet.planned(plan, by: process, at: now))
    }

    private mutating func acting(_ action: PlannedAction, at now: Timestamp) {
        guard let machine = action.instance else { return }
        gate.acting(action, at: now)
        guard trainers.isAlive(on: machine) else { return }
        let alive = machines.count(aliveSince: now - FuseVerdict.window)
        report(fuse.acting(action, isTraining: true, alive: alive, at: now))
    }

    private mutating func declared(_ fleet: DesiredFleet, at now: Timestamp) {
        self.fleet = fleet
        for spec in fleet.runs.map(\.spec) where policies[spec.name]?.last != spec.stop {
            policies[spec.name] = (policies[spec.name]?.suffix(1) ?? []) + [spec.stop]
        }
        quiet.changed(nil, at: now)
        fuse.declared(fleet)
        checkpoints.declared(fleet)
    }
}
