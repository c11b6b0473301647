import Training

/// The name of a failure's case, whatever it says: what a coverage table counts.
enum ErrorClass {
    static func name(of error: any Error) -> String {
        switch error {
        case let failure as StoreFailure: "store: " + name(of: failure)
        case let failure as ProviderFailure: "provider: " + name(of: failure)
        case let failure as LaunchFailure: "launch: " + name(of: failure)
        case let failure as SourceFailure: "source: " + name(of: failure)
        default: "\(type(of: error))"
        }
    }

    /// Every name that the ports of a reconciler and an agent can give.
    static let all: [String] = [
        "store: conditionFailed", "store: corrupt", "store: tooLarge", "store: denied",
        "store: unavailable", "store: local", "provider: unsupported", "provider: noCapacity",
        "provider: quota", "provider: denied",
        "provider: throttled", "provider: unavailable", "launch: noCapacity",
        "launch: subnetFull", "launch: quota", "launch: notSent", "launch: parametersMismatch",
        "launch: instanceTerminated", "launch: rejected", "launch: unanswered",
        "source: unreachable", "source: authentication", "source: refNotFound",
        "source: emptyRepository", "source: pathNotFound", "source: tooLarge", "source: refused",
        "source: damaged",
    ]

    private static func name(of failure: StoreFailure) -> String {
        switch failure {
        case .conditionFailed: "conditionFailed"
        case .corrupt: "corrupt"
        case .tooLarge: "tooLarge"
        case .denied: "denied"
        case .unavailable: "unavailable"
        case .local: "local"
        }
    }

    private static func name(of failure: ProviderFailure) -> String {
        switch failure {
        case .unsupported: "unsupported"
        case .noCapacity: "noCapacity"
        case .quota: "quota"
        case .denied: "denied"
        case .throttled: "throttled"
        case .unavailable: "unavailable"
        }
    }

    private static func name(of failure: LaunchFailure) -> String {
        switch failure {
        case .noCapacity: "noCapacity"
        case .subnetFull: "subnetFull"
        case .quota: "quota"
        case .notSent: "notSent"
        case .parametersMismatch: "parametersMismatch"
        case .instanceTerminated: "instanceTerminated"
        case .rejected: "rejected"
        case .unanswered: "unanswered"
        }
    }

    private static func name(of failure: SourceFailure) -> String {
        switch failure {
        case .unreachable: "unreachable"
        case .authentication: "authentication"
        case .refNotFound: "refNotFound"
        case .emptyRepository: "emptyRepository"
        case .pathNotFound: "pathNotFound"
        case .tooLarge: "tooLarge"
        case .refused: "refused"
        case .damaged: "damaged"
        }
    }
}
