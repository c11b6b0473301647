import Planning
import Reconciliation
import Training

/// What a trial remembers of the facts of its world: counts for tables, and a timeline if wanted.
struct TrialRecord: Sendable {
    private(set) var actions = Tally()
    private(set) var inactions = Tally()
    private(set) var machineTime: Int64 = 0
    /// The newest plan of each reconciler, by its number.
    private(set) var plans: [Int: Plan] = [:]
    /// Plans that were made in all.
    private(set) var planned = 0
    /// Since faults ceased, with those that were left out since they would have seen nothing new.
    private(set) var passes = 0
    /// Reconcilers that ended by themselves.
    private(set) var finished: Set<Int> = []
    var timeline: Timeline?
    /// Nil: nobody wants to know what becomes of each run.
    var story: FleetStory?

    private var poweredSince: [InstanceID: Timestamp] = [:]
    private var reasons: [RunName: String] = [:]

    init(keepsTimeline: Bool) {
        timeline = keepsTimeline ? Timeline() : nil
    }

    mutating func note(_ fact: WorldFact, by process: ProcessID?, at now: Timestamp) {
        switch fact {
        case .occurred(let occurrence): occurred(occurrence, by: process)
        case .finished: if case .reconciler(let number, _) = process { finished.insert(number) }
        case .befell(let event): befell(event)
        default: break
        }
        timeline?.note(fact, by: process, at: now)
    }

    mutating func started(reconciler number: Int) { finished.remove(number) }

    mutating func countPassesAnew() { passes = 0 }

    mutating func leaveOut(passes count: Int) { passes += count }

    /// Ends every machine's time.
    mutating func end(at now: Timestamp) {
        for (_, since) in poweredSince { machineTime += now.milliseconds - since.milliseconds }
        poweredSince = [:]
    }

    private mutating func occurred(_ occurrence: Occurrence, by process: ProcessID?) {
        switch occurrence {
        case .planned(let plan, _):
            planned += 1
            passes += 1
            if case .reconciler(let number, _) = process { plans[number] = plan }
            // Bookkeeping is not told when it is done.
            for action in plan.actions where action.verb == .record {
                actions.add("\(action.verb.rawValue) \(action.reason.code)")
            }
            for inaction in plan.inactions {
                let code = inaction.reason.code
                guard reasons.updateValue(code, forKey: inaction.run) != code else { continue }
                inactions.add(code)
            }
        case .acting(let action):
            reasons[action.run] = nil
            actions.add("\(action.verb.rawValue) \(action.reason.code)")
        default: break
        }
    }

    private mutating func befell(_ event: CloudEvent) {
        switch event.kind {
        case .booted: poweredSince[event.instance] = event.at
        case .powerCut:
            guard let since = poweredSince.removeValue(forKey: event.instance) else { return }
            machineTime += event.at.milliseconds - since.milliseconds
        default: break
        }
    }
}

extension Timeline {
    /// Writes down a fact that helps to understand a run.
    fileprivate mutating func note(_ fact: WorldFact, by process: ProcessID?, at now: Timestamp) {
        let who = process?.description ?? "world"
        switch fact {
        case .occurred(let occurrence): note(occurrence, who, at: now)
        case .finished(let result):
            add(at: now, who, "ends" + (result.isConverged ? ", converged" : ""))
        case .wrote(let key, _):
            guard !key.hasPrefix(StoreLayout.heartbeats), !key.contains("/logs/") else { return }
            add(at: now, who, run: Timeline.run(of: key), "writes \(key)", isDetail: true)
        case .deleted(let key):
            add(at: now, who, run: Timeline.run(of: key), "deletes \(key)", isDetail: true)
        case .launched(let instance, _):
            if let run = instance.run { launched(instance.id, for: run) }
            let number = "attempt \(instance.attempt ?? 0), launch \(instance.ordinal ?? 0)"
            add(at: now, who, machine: instance.id, "launches a machine for \(number)")
        case .ordered(let verb, let id): add(at: now, who, machine: id, "orders \(verb)")
        case .befell(let event):
            add(
                at: event.at, "EC2", machine: event.instance, event.kind.words,
                isDetail: event.kind == .faded)
        case .trainerStarted(let machine, let run, let from):
            let start = from.map { "from \($0)" } ?? "afresh"
            add(at: now, machine.text, run: run, "trains \(run) \(start)")
        case .trainerEnded(let machine, let status):
            let end = status.map { "\($0)" } ?? "unknown"
            add(
                at: now, machine.text, run: runs[machine], "its trainer has ended: \(end)")
        default: break
        }
    }

    private mutating func note(_ occurrence: Occurrence, _ who: String, at now: Timestamp) {
        func tell(_ action: PlannedAction, _ what: String) {
            // A dry market is told by the thousand.
            let isNextOffering = if case .nextOffering = action.reason { true } else { false }
            add(
                at: now, who, run: action.run, machine: action.instance,
                "\(what)\(action.verb.rawValue) \(action.run), attempt \(action.attempt ?? 0): "
                    + "\(action.reason)", isDetail: action.verb == .retire || isNextOffering)
        }
        switch occurrence {
        case .planned, .acted: break
        case .acting(let action): tell(action, "")
        case .actionStale(let action, let why): tell(action, "stale (\(why)): ")
        case .actionFailed(let action, let why): tell(action, "failed (\(why)): ")
        case .sourceFailed(let failure): add(at: now, who, "\(failure)")
        case .storeFailed(let failure): add(at: now, who, "\(failure)")
        case .revisionHeld(let why): add(at: now, who, "holds the revision: \(why)")
        case .revisionApplied(let revision): add(at: now, who, "applies \(revision.short)")
        case .manifestsInvalid(let count): add(at: now, who, "\(count) manifests are invalid")
        }
    }

    /// The run that a key is about.
    private static func run(of key: String) -> RunName? {
        if let run = StoreLayout.run(ofRecord: key) { return run }
        let parts = key.split(separator: "/", maxSplits: 2)
        return parts.count > 1 ? RunName(String(parts[1])) : nil
    }
}
