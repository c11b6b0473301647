package import Reconciliation
package import Training

/// Something that happened in a world, as its witnesses see it.
package enum WorldFact: Sendable {
    // MARK: What a reconciler tells and is told

    /// A reconciler told something.
    case occurred(Occurrence)
    /// A reconciler ended by itself.
    case finished(ReconcileResult)
    /// A reconciler read something; not whole: it got no answer, or learned that it got a part.
    case read(Reading, isWhole: Bool)
    /// A reconciler read the repository; nil: it could not.
    case fetched(DesiredFleet?)

    // MARK: What takes effect on the services

    case wrote(key: String, etag: ETag)
    case deleted(key: String)
    case launched(Instance, LaunchRequest)
    /// A reconciler's start, stop, terminate or tag; noted before it takes effect.
    case ordered(PortCall.ComputeVerb, InstanceID)
    case befell(CloudEvent)

    // MARK: What happens on machines

    /// The trainer of a machine began: on a restored checkpoint, or (nil) afresh.
    case trainerStarted(InstanceID, RunName, from: CheckpointID?)
    /// Every process of the trainer is gone.
    case trainerEnded(InstanceID, ExitStatus?)

    // MARK: What people and the weather do

    /// The branch names this fleet from now on.
    case declared(DesiredFleet)
    /// A person approved a plan that the fuse had blocked.
    case approved(plan: String)
    /// Something was changed from outside, or a fault began or ended: nobody may be blamed for
    /// what follows from it.
    case disturbed

    /// What a reconciler reads of the world.
    package enum Reading: Hashable, Sendable {
        /// All machines of a region.
        case machines(region: String)
        /// One machine, just before it is touched or because no list shows it.
        case machine(InstanceID)
        case list(prefix: String)
        case object(key: String)
    }
}
