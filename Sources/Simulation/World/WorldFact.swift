package import Reconciliation
package import Training

/// Something that happened in a world, as its witnesses see it.
package enum WorldFact: Sendable {
    /// A reconciler told something.
    case occurred(Occurrence)
    /// A reconciler ended by itself.
    case finished(ReconcileResult)
    case wrote(key: String, etag: ETag)
    case deleted(key: String)
    case launched(Instance, LaunchRequest)
    case ordered(PortCall.ComputeVerb, InstanceID)
    case befell(CloudEvent)
}
