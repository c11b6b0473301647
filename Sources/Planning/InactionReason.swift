package import Training

/// Why nothing is done to a run.
///
/// As typed as the reasons of actions, so that `explain` can answer.
package enum InactionReason: Hashable, Sendable {
    case inSync
    case completed
    case declaredStopped
    case declaredTerminated
    case orphaned
    case suspended(reason: String, until: Timestamp?)
    case protected(InstanceID)
    /// It was launched by us, but its tags do not say so any more.
    case retagged(InstanceID)
    case unknown(String)
    /// A document cannot be decoded: it might be the one that declares this run.
    case incompleteManifests
    /// Not one run is declared: more likely an accident than a wish.
    case emptyManifests
    case held(HoldReason)
    case changeHeld
    case waitsForNextAttempt
    case launchInDoubt(until: Timestamp)
    /// The provider's list does not name the machine; nil: for less than five minutes since its
    /// launch, or nobody has written it down yet.
    case machineMissing(since: Timestamp?)
    case starting
    case draining(intent: String, until: Timestamp?)
    case gateHeld(since: Timestamp)
    case ending
    case backoff(until: Timestamp)
    case launchLimit(Int)
    case terminationLimit(plan: String)
    case silentSensor(runs: Int)
    case silent(since: Timestamp)
    case failed
    /// Every pool that would do has refused a short while ago.
    case noCapacity(until: Timestamp, pools: Int)
    /// The account's own limits stop every pool that would do: each as market, family and region.
    case quotaExhausted(until: Timestamp, quotas: [String])
    /// No subnet that may be used has a free address.
    case subnetsFull(until: Timestamp, subnets: [String])
    /// Nothing that would do is offered below the limit; nil: the price on demand.
    case tooExpensive(cheapest: Dollars?, limit: Dollars?)
    /// The machine of a failed attempt stays for a look inside.
    case kept(InstanceID, until: Timestamp)
    /// Training as declared, but the agent cannot see the notices of its machine.
    case blind(String)
    /// Training as declared, but the agent cannot find the checkpoints on its disk.
    case unsaved(String)

    /// Nothing more will happen until the world or the manifests change.
    package var isSettled: Bool {
        switch self {
        case .launchInDoubt, .machineMissing, .starting, .draining, .ending, .backoff,
            .launchLimit, .terminationLimit, .silent, .silentSensor, .unknown, .noCapacity,
            .quotaExhausted, .subnetsFull, .tooExpensive:
            false
        case .inSync, .completed, .declaredStopped, .declaredTerminated, .orphaned, .suspended,
            .protected, .retagged, .incompleteManifests, .emptyManifests, .held, .changeHeld,
            .waitsForNextAttempt, .gateHeld, .failed, .kept, .blind, .unsaved:
            true
        }
    }

    /// A machine or a program is at it: the next look may show more, whenever it is.
    package var isUnderWay: Bool {
        switch self {
        case .launchInDoubt, .machineMissing, .starting, .draining, .ending, .silent:
            true
        default: false
        }
    }

    /// Until when it may last, where that is known.
    package var until: Timestamp? {
        switch self {
        case .launchInDoubt(let until), .backoff(let until), .noCapacity(let until, _),
            .quotaExhausted(let until, _), .subnetsFull(let until, _), .kept(_, let until):
            until
        case .draining(_, let until), .suspended(_, let until): until
        default: nil
        }
    }
}

/// What a person must resolve before a run goes on.
package enum HoldReason: Hashable, Sendable {
    case retriesExhausted(failures: Int, last: String)
    case interrupted
    case noValidCheckpoint(String)
    case launchRejected(String)
    case timeLimit(Seconds)
    case noProfile(String)
    case noRegion
    /// No machine that the manifest admits exists where it is asked for.
    case noOffering(String)
    /// A living machine of this run bears our scope and another store.
    case storeChanged(InstanceID)
}

extension InactionReason: CustomStringConvertible {
    /// Stable, for machines.
    package var code: String {
        switch self {
        case .inSync: "InSync"
        case .completed: "Completed"
        case .declaredStopped: "DeclaredStopped"
        case .declaredTerminated: "DeclaredTerminated"
        case .orphaned: "Orphaned"
        case .suspended: "Suspended"
        case .protected: "Protected"
        case .retagged: "Retagged"
        case .unknown: "Unknown"
        case .incompleteManifests: "IncompleteManifests"
        case .emptyManifests: "EmptyManifests"
        case .held: "Held"
        case .changeHeld: "ChangeHeld"
        case .waitsForNextAttempt: "WaitsForNextAttempt"
        case .launchInDoubt: "LaunchInDoubt"
        case .machineMissing: "MachineMissing"
        case .starting: "Starting"
        case .draining: "Draining"
        case .gateHeld: "GateHeld"
        case .ending: "Ending"
        case .backoff: "Backoff"
        case .launchLimit: "LaunchLimit"
        case .terminationLimit: "TerminationLimit"
        case .silentSensor: "SilentSensor"
        case .silent: "Silent"
        case .failed: "Failed"
        case .noCapacity: "NoCapacity"
        case .quotaExhausted: "QuotaExhausted"
        case .subnetsFull: "SubnetsFull"
        case .tooExpensive: "TooExpensive"
        case .kept: "Kept"
        case .blind: "MetadataUnseen"
        case .unsaved: "CheckpointsUnseen"
        }
    }

    package var description: String {
        switch self {
        case .inSync: "training as declared"
        case .completed: "completed"
        case .declaredStopped: "stopped, as declared"
        case .declaredTerminated: "terminated, as declared"
        case .orphaned: "its manifest was removed with on_removal: orphan"
        case .suspended(let reason, let until):
            "suspended\(until.map { " until \($0)" } ?? ""): \(reason)"
        case .protected(let instance): "\(instance) bears \(Tag.protect)=true"
        case .retagged(let instance):
            "\(instance) lost the tags that make it ours; set them again, or end it by hand"
        case .unknown(let why): "not fully observed: \(why)"
        case .incompleteManifests: "not removed while a manifest cannot be read"
        case .emptyManifests:
            "not removed: the commit declares no run at all; to end it, "
                + "declare it with state: terminated"
        case .held(let hold): "held: \(hold)"
        case .changeHeld: "changed, but on_change: hold"
        case .waitsForNextAttempt: "changed; the next attempt takes it"
        case .launchInDoubt(let until):
            "a launch went unanswered; its absence proves nothing before \(until)"
        case .machineMissing(let since):
            "the provider does not list the machine"
                + (since.map { ", seen at \($0)" } ?? "") + "; gone only after five minutes of that"
        case .starting: "the machine is up, its agent is starting"
        case .draining(_, let until):
            "draining" + (until.map { ", the gate's time limit is \($0)" } ?? "")
        case .gateHeld(let since):
            "the gate has been shut since \(since); stop.on_timeout: hold"
        case .ending: "the machine is ending"
        case .backoff(let until): "backs off until \(until)"
        case .launchLimit(let limit): "\(limit) launches are under way already"
        case .terminationLimit(let plan): "held by the fuse; `reconcile approve \(plan)`"
        case .silentSensor(let runs):
            "\(runs) runs are silent at once: more likely the sensor than the runs"
        case .silent(let since): "no heartbeat since \(since)"
        case .failed: "failed"
        case .noCapacity(let until, let pools):
            "no capacity in \(pools) pool\(pools == 1 ? "" : "s"); the next try is at \(until)"
        case .quotaExhausted(let until, let quotas):
            "the account's quota allows no more (\(quotas.joined(separator: ", "))): raise it, or "
                + "end other machines that count; the next try is at \(until)"
        case .subnetsFull(let until, let subnets):
            "no free address in \(subnets.joined(separator: ", ")): free some, or name more "
                + "subnets; the next try is at \(until)"
        case .tooExpensive(let cheapest, let limit):
            "too expensive: the cheapest costs \(cheapest.map { "$\($0)" } ?? "an unknown price") "
                + "an hour, the limit is "
                + (limit.map { "max_hourly_cost: \($0)" } ?? "the price on demand")
        case .kept(let machine, let until):
            "on_failure: keep: \(machine) stays until \(until) for a look inside"
        case .blind(let why):
            "training, but an interruption would come unseen: \(why)"
        case .unsaved(let why):
            "training, but no checkpoint is saved: \(why)"
        }
    }
}

extension HoldReason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .retriesExhausted(let failures, let last):
            "\(failures) failures without progress, the last: \(last)"
        case .interrupted: "interrupted, and interruption: hold"
        case .noValidCheckpoint(let detail): detail
        case .launchRejected(let detail): "the provider rejects the launch: \(detail)"
        case .timeLimit(let limit): "trained for max_duration: \(limit)"
        case .noProfile(let name): "there is no document `kind: profile` with name: \(name)"
        case .noRegion: "neither the manifest nor the configuration names a region or a profile"
        case .noOffering(let why): "no machine would do: \(why)"
        case .storeChanged(let machine):
            "\(machine) still runs it from another `state`; set that back, or end it first"
        }
    }
}
