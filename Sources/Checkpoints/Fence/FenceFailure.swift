package import Training

/// Why an agent could not write to its run's index.
package enum FenceFailure: Error, Hashable, Sendable {
    /// The run belongs to another attempt, machine or life: kill the trainer and leave. Final.
    case fenced(by: Claim?)
    /// Other writers were faster each time; try again later.
    case contended
    case record(RecordFailure)

    /// Whether the same call may succeed later with nothing changed by a person.
    package var isTransient: Bool {
        switch self {
        case .fenced: false
        case .contended: true
        case .record(let failure): failure.isTransient
        }
    }
}

extension FenceFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .fenced(let claim?):
            "the run is claimed by attempt \(claim.attempt) on \(claim.instance)"
        case .fenced(nil): "the claim on the run is gone"
        case .contended: "other writers of the index were faster each time"
        case .record(let failure): "\(failure)"
        }
    }
}
