package import Training

/// What the answers of the simulated services mean to who asks through a port.
///
/// The same as the client of the real ones makes of them; a test compares the two code by code.
extension CloudFailure {
    /// What follows from an error of EC2.
    private enum Meaning {
        case noCapacity
        case subnetFull
        case quota
        case throttled
        /// It may have taken effect, and may succeed in a moment.
        case transient
        case mismatch
        case ended
        /// Not now: the machine is unknown or in another state, or a profile is too new.
        case untimely
        /// Nothing was looked at.
        case unidentified
        case forbidden
        /// The request itself: the same one will never succeed.
        case wrong
    }

    private var meaning: Meaning {
        if isThrottle { return .throttled }
        return switch code {
        case "InsufficientInstanceCapacity", "InsufficientHostCapacity", "InsufficientCapacity",
            "InsufficientReservedInstanceCapacity", "UnfulfillableCapacity", "SpotMaxPriceTooLow",
            "Unsupported", "ReservationCapacityExceeded":
            .noCapacity
        case "InsufficientFreeAddressesInSubnet": .subnetFull
        case "MaxSpotInstanceCountExceeded", "VcpuLimitExceeded", "InstanceLimitExceeded",
            "MaxFleetCountExceeded", "VolumeLimitExceeded", "MaxIOPSLimitExceeded":
            .quota
        case "IdempotentParameterMismatch": .mismatch
        case "IdempotentInstanceTerminated": .ended
        case "InvalidInstanceID.NotFound", "IncorrectInstanceState", "IncorrectState": .untimely
        case "InvalidParameterValue" where message.contains("Invalid IAM Instance Profile"):
            .untimely
        case "InvalidParameterValue": .wrong
        case "AuthFailure" where message.contains("validate the provided access credentials"),
            "RequestExpired", "SignatureDoesNotMatch", "InvalidClientTokenId",
            "UnrecognizedClientException", "MissingAuthenticationToken", "IncompleteSignature",
            "ExpiredToken", "ExpiredTokenException":
            .unidentified
        case "AuthFailure", "OptInRequired", "PendingVerification", "Blocked",
            "UnauthorizedOperation", "AuthFailure.ServiceLinkedRoleCreationNotPermitted":
            .forbidden
        case _ where code.hasPrefix("InvalidInstanceID."): .wrong
        default: isTransient || status >= 500 ? .transient : .wrong
        }
    }

    private var isThrottle: Bool {
        switch code {
        case "Throttling", "ThrottlingException", "RequestThrottled", "TooManyRequestsException",
            "RequestLimitExceeded", "BandwidthLimitExceeded", "LimitExceededException", "SlowDown",
            "EC2ThrottledException":
            true
        default: status == 429
        }
    }

    private var isTransient: Bool {
        switch code {
        case "RequestTimeout", "InternalError", "InternalFailure", "ServiceUnavailable",
            "Unavailable", "InternalServerError":
            true
        default: [500, 502, 503, 504].contains(status)
        }
    }

    /// Whether a write to S3 may have taken effect, or would at another time.
    fileprivate var isUndecided: Bool {
        if isThrottle || isTransient || status >= 500 { return true }
        return ["OperationAborted", "NoSuchUpload", "KMS.ThrottlingException", "TemporaryRedirect"]
            .contains(code)
    }

    fileprivate var launch: LaunchFailure {
        switch meaning {
        case .noCapacity: .noCapacity(description)
        case .subnetFull: .subnetFull(description)
        case .quota: .quota(description)
        case .mismatch: .parametersMismatch
        case .ended: .instanceTerminated
        case .transient: .unanswered(description)
        case .throttled, .unidentified: .notSent(description)
        case .untimely, .forbidden, .wrong: .rejected(description)
        }
    }

    fileprivate var call: ProviderFailure {
        switch meaning {
        case .throttled: .throttled
        case .unidentified, .forbidden: .denied(description)
        case .noCapacity: .noCapacity(description)
        case .quota: .quota(description)
        case .subnetFull, .transient, .untimely, .mismatch, .ended:
            .unavailable(description)
        case .wrong: .unsupported(description)
        }
    }
}

extension LaunchFailure {
    /// What a refused RunInstances means for the launch.
    package init(_ failure: CloudFailure) {
        self = failure.launch
    }
}

extension ProviderFailure {
    /// What a refusal of EC2 other than of a launch means.
    package init(_ failure: CloudFailure) {
        self = failure.call
    }
}

extension StoreFailure {
    /// What a refusal of S3 means; `key` as the caller knows it.
    package init(_ failure: CloudFailure, about key: String, in bucket: String) {
        if failure.isUndecided {
            self = .unavailable("\(bucket): \(failure)")
            return
        }
        switch failure.code {
        case "PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey":
            self = .conditionFailed(key: key)
        case "BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch",
            "XAmzContentChecksumMismatch", "IncompleteBody", "InvalidPart":
            self = .corrupt(key: key, detail: failure.description)
        default: self = .denied("\(key) in \(bucket): \(failure)")
        }
    }
}
