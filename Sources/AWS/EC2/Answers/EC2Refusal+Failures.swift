package import Training

extension LaunchFailure {
    /// What an unsuccessful RunInstances means for the launch.
    package init(_ failure: AWSFailure) {
        switch failure {
        case .refused(let error): self = LaunchFailure.of(error)
        case .credentials, .unreachable, .unreadable: self = .notSent(failure.description)
        case .unanswered, .malformed, .cancelled: self = .unanswered(failure.description)
        }
    }

    private static func of(_ error: ServiceError) -> LaunchFailure {
        switch EC2Refusal(error) {
        case .noCapacity: .noCapacity(error.description)
        case .subnetFull: .subnetFull(error.description)
        case .quota: .quota(error.description)
        case .mismatch: .parametersMismatch
        case .ended: .instanceTerminated
        case .transient: .unanswered(error.description)
        case .throttled, .unidentified: .notSent(error.description)
        case .propagating:
            .rejected("\(error); the profile is not known after a minute: check instance_profile")
        case .account(let advice): .rejected("\(error); \(advice)")
        case .request, .unknownInstance, .wrongState: .rejected(error.description)
        }
    }
}

extension ProviderFailure {
    /// What an unsuccessful call other than a launch means.
    init(_ failure: AWSFailure) {
        switch failure {
        case .refused(let error): self = ProviderFailure.of(error)
        case .credentials(let why) where !why.isTransient: self = .denied(why.description)
        case .credentials, .unreachable, .unreadable, .unanswered, .malformed, .cancelled:
            self = .unavailable(failure.description)
        }
    }

    private static func of(_ error: ServiceError) -> ProviderFailure {
        switch EC2Refusal(error) {
        case .throttled: .throttled
        case .unidentified: .denied(error.description)
        case .account(let advice): .denied("\(error); \(advice)")
        case .noCapacity: .noCapacity(error.description)
        case .quota: .quota(error.description)
        case .subnetFull, .transient, .propagating, .unknownInstance,
            .wrongState, .mismatch, .ended:
            .unavailable(error.description)
        case .request: .unsupported(error.description)
        }
    }
}
