/// What follows from an error of EC2: the one table of its codes.
///
/// Codes come before the HTTP status: a dry pool is answered with 500 at times. From the EC2 API
/// reference, "Error codes", and from what Karpenter and ParallelCluster take them for.
enum EC2Refusal: Hashable {
    /// The pool is dry, or the price offered is below the market's.
    case noCapacity
    case subnetFull
    case quota
    case throttled
    /// It may have taken effect, and may succeed in a moment.
    case transient
    /// Something that was made a moment ago is not known everywhere yet.
    case propagating
    /// The token stands for another request.
    case mismatch
    /// The token's machine has ended.
    case ended
    case unknownInstance
    /// The machine's state does not allow it now.
    case wrongState
    /// EC2 does not know who asks, or the clock is wrong: nothing was looked at.
    case unidentified
    /// The account or its rights; with what a person can do.
    case account(advice: String)
    /// The request itself: the same one will never succeed.
    case request

    init(_ error: ServiceError) {
        if error.isThrottle {
            self = .throttled
        } else if error.code == "InvalidParameterValue" || error.code == "AuthFailure" {
            self = EC2Refusal.byMessage(error)
        } else if let known = EC2Refusal.table[error.code] {
            self = known
        } else if error.code.hasPrefix("InvalidInstanceID.") {
            self = .request
        } else {
            self = error.isTransient || error.status >= 500 ? .transient : .request
        }
    }

    /// Two codes that stand for several things.
    private static func byMessage(_ error: ServiceError) -> EC2Refusal {
        if error.code == "AuthFailure" {
            return error.message.contains("validate the provided access credentials")
                ? .unidentified
                : .account(advice: "the account may not use something that the request names")
        }
        return error.message.contains("Invalid IAM Instance Profile") ? .propagating : .request
    }

    private static let table: [String: EC2Refusal] = [
        "InsufficientInstanceCapacity": .noCapacity,
        "InsufficientHostCapacity": .noCapacity,
        "InsufficientCapacity": .noCapacity,
        "InsufficientReservedInstanceCapacity": .noCapacity,
        "UnfulfillableCapacity": .noCapacity,
        "SpotMaxPriceTooLow": .noCapacity,
        // The zone does not have the type.
        "Unsupported": .noCapacity,
        "ReservationCapacityExceeded": .noCapacity,

        "InsufficientFreeAddressesInSubnet": .subnetFull,

        "MaxSpotInstanceCountExceeded": .quota,
        "VcpuLimitExceeded": .quota,
        "InstanceLimitExceeded": .quota,
        "MaxFleetCountExceeded": .quota,
        "VolumeLimitExceeded": .quota,
        "MaxIOPSLimitExceeded": .quota,

        "IdempotentParameterMismatch": .mismatch,
        "IdempotentInstanceTerminated": .ended,

        "InvalidInstanceID.NotFound": .unknownInstance,
        "IncorrectInstanceState": .wrongState,
        "IncorrectState": .wrongState,

        "RequestExpired": .unidentified,
        "SignatureDoesNotMatch": .unidentified,
        "InvalidClientTokenId": .unidentified,
        "UnrecognizedClientException": .unidentified,
        "MissingAuthenticationToken": .unidentified,
        "IncompleteSignature": .unidentified,
        "ExpiredToken": .unidentified,
        "ExpiredTokenException": .unidentified,

        "OptInRequired": .account(
            advice: "subscribe the account to what the request names: EC2 itself, or the image"),
        "PendingVerification": .account(
            advice: "AWS still verifies the account and writes when it is done"),
        "Blocked": .account(advice: "the account is blocked: ask AWS Support"),
        "UnauthorizedOperation": .account(
            advice: "the IAM policy of whoever asks does not allow it"),
        "AuthFailure.ServiceLinkedRoleCreationNotPermitted": .account(
            advice: "make the role for spot once: "
                + "aws iam create-service-linked-role --aws-service-name spot.amazonaws.com"),
    ]
}
