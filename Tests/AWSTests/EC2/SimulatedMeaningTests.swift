import Simulation
import Testing
import Training

@testable import AWS

/// The simulated ports and the client of AWS read every refusal alike.
struct SimulatedMeaningTests {
    /// A refusal that the model, or a fault in it, can give.
    static let refusals: [CloudFailure] =
        [
            "InsufficientInstanceCapacity", "InsufficientHostCapacity", "InsufficientCapacity",
            "InsufficientReservedInstanceCapacity", "UnfulfillableCapacity",
            "SpotMaxPriceTooLow", "Unsupported", "ReservationCapacityExceeded",
            "InsufficientFreeAddressesInSubnet", "MaxSpotInstanceCountExceeded",
            "VcpuLimitExceeded", "InstanceLimitExceeded", "MaxFleetCountExceeded",
            "VolumeLimitExceeded", "MaxIOPSLimitExceeded", "IdempotentParameterMismatch",
            "IdempotentInstanceTerminated", "InvalidInstanceID.NotFound",
            "InvalidInstanceID.Malformed", "IncorrectInstanceState", "IncorrectState",
            "IncorrectSpotRequestState", "UnsupportedOperation", "OperationNotPermitted",
            "InvalidParameterValue", "InvalidParameterCombination", "MissingParameter",
            "MissingInput", "InvalidAMIID.NotFound", "InvalidAMIID.Malformed",
            "InvalidAMIID.Unavailable", "InvalidGroup.NotFound", "InvalidKeyPair.NotFound",
            "InvalidSubnetID.NotFound", "InvalidBlockDeviceMapping", "InvalidPaginationToken",
            "FilterLimitExceeded", "TagLimitExceeded", "InvalidVolume.NotFound", "InvalidID",
            "InvalidSpotInstanceRequestID.NotFound", "UnknownRegion", "RequestLimitExceeded",
            "Throttling", "ThrottlingException", "EC2ThrottledException", "SlowDown",
            "TooManyRequestsException", "BandwidthLimitExceeded", "RequestExpired",
            "SignatureDoesNotMatch", "InvalidClientTokenId", "UnrecognizedClientException",
            "MissingAuthenticationToken", "IncompleteSignature", "ExpiredToken",
            "ExpiredTokenException", "AuthFailure", "OptInRequired", "PendingVerification",
            "Blocked", "UnauthorizedOperation", "SomethingNew",
            "AuthFailure.ServiceLinkedRoleCreationNotPermitted", "InternalError",
            "InternalFailure", "InternalServerError", "ServiceUnavailable", "Unavailable",
            "RequestTimeout", "PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey",
            "NoSuchBucket", "NoSuchUpload", "BadDigest", "InvalidDigest", "IncompleteBody",
            "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch", "InvalidPart",
            "OperationAborted", "TemporaryRedirect", "PermanentRedirect", "AccessDenied",
            "KMS.DisabledException", "KMS.ThrottlingException", "InvalidArgument",
            "KeyTooLongError", "EntityTooSmall", "NotImplemented",
        ].flatMap { code in
            [400, 403, 404, 409, 412, 429, 500, 501, 503].map { status in
                CloudFailure(status: status, code, "it is said why")
            }
        } + [
            CloudFailure("InvalidParameterValue", "Value (p) Invalid IAM Instance Profile name"),
            CloudFailure(
                status: 401, "AuthFailure",
                "AWS was not able to validate the provided access credentials"),
        ]

    private func seen(_ refusal: CloudFailure, by service: AWSService) -> AWSFailure {
        .refused(
            ServiceError(
                service: service, status: refusal.status, code: refusal.code,
                message: refusal.message))
    }

    @Test("a launch that is refused → the same failure")
    func launches() {
        for refusal in Self.refusals {
            let expected = LaunchFailure(seen(refusal, by: .ec2)).kind
            #expect(LaunchFailure(refusal).kind == expected, "\(refusal)")
        }
    }

    @Test("any other call of EC2 that is refused → the same failure")
    func calls() {
        for refusal in Self.refusals {
            let expected = ProviderFailure(seen(refusal, by: .ec2)).kind
            #expect(ProviderFailure(refusal).kind == expected, "\(refusal)")
        }
    }

    @Test("a call of S3 that is refused → the same failure")
    func stores() throws {
        let bucket = try S3Server.faulty().bucket("bucket")
        for refusal in Self.refusals {
            let expected = StoreFailure(seen(refusal, by: .s3), about: "k", in: bucket).kind
            let found = StoreFailure(refusal, about: "k", in: "bucket").kind
            #expect(found == expected, "\(refusal)")
        }
    }
}

extension LaunchFailure {
    fileprivate var kind: String { Mirror(reflecting: self).children.first?.label ?? "\(self)" }
}

extension ProviderFailure {
    fileprivate var kind: String { Mirror(reflecting: self).children.first?.label ?? "\(self)" }
}

extension StoreFailure {
    fileprivate var kind: String { Mirror(reflecting: self).children.first?.label ?? "\(self)" }
}
