import Testing
import Training

@testable import AWS

struct EC2RefusalTests {
    private func kind(_ code: String, _ status: Int, _ message: String = "") -> String {
        let error = ServiceError(service: .ec2, status: status, code: code, message: message)
        return kind(.refused(error))
    }

    private func kind(_ failure: AWSFailure) -> String {
        switch LaunchFailure(failure) {
        case .noCapacity: "capacity"
        case .subnetFull: "subnet"
        case .quota: "quota"
        case .notSent: "not sent"
        case .parametersMismatch: "mismatch"
        case .instanceTerminated: "ended"
        case .rejected: "rejected"
        case .unanswered: "unanswered"
        }
    }

    @Test(
        "a code of EC2 → what follows, whatever the status",
        arguments: [
            ("InsufficientInstanceCapacity", 500, "capacity"),
            ("InsufficientInstanceCapacity", 400, "capacity"),
            ("SpotMaxPriceTooLow", 400, "capacity"), ("Unsupported", 400, "capacity"),
            ("UnfulfillableCapacity", 500, "capacity"),
            ("InsufficientFreeAddressesInSubnet", 400, "subnet"),
            ("MaxSpotInstanceCountExceeded", 400, "quota"), ("VcpuLimitExceeded", 400, "quota"),
            ("InstanceLimitExceeded", 400, "quota"), ("VolumeLimitExceeded", 400, "quota"),
            ("RequestLimitExceeded", 503, "not sent"), ("Throttling", 400, "not sent"),
            ("EC2ThrottledException", 400, "not sent"), ("RequestExpired", 400, "not sent"),
            ("SignatureDoesNotMatch", 403, "not sent"), ("ExpiredToken", 400, "not sent"),
            ("IdempotentParameterMismatch", 400, "mismatch"),
            ("IdempotentInstanceTerminated", 400, "ended"),
            ("InternalError", 500, "unanswered"), ("ServiceUnavailable", 503, "unanswered"),
            ("Unavailable", 503, "unanswered"), ("BadGateway", 502, "unanswered"),
            ("SomethingNew", 500, "unanswered"), ("SomethingNew", 400, "rejected"),
            ("InvalidAMIID.NotFound", 400, "rejected"),
            ("InvalidSubnetID.NotFound", 400, "rejected"),
            ("InvalidParameterValue", 400, "rejected"), ("MissingParameter", 400, "rejected"),
            ("InvalidGroup.NotFound", 400, "rejected"), ("OptInRequired", 401, "rejected"),
            ("PendingVerification", 400, "rejected"), ("Blocked", 403, "rejected"),
            ("UnauthorizedOperation", 403, "rejected"),
            ("AuthFailure.ServiceLinkedRoleCreationNotPermitted", 403, "rejected"),
        ])
    func table(code: String, status: Int, expected: String) {
        #expect(kind(code, status) == expected)
    }

    @Test("codes with several meanings → told apart by their message")
    func messages() {
        #expect(
            kind("InvalidParameterValue", 400, "Value (p) … Invalid IAM Instance Profile name")
                == "rejected")
        #expect(
            kind("AuthFailure", 401, "AWS was not able to validate the provided access credentials")
                == "not sent")
        #expect(kind("AuthFailure", 403, "Not authorized for images: [ami-1]") == "rejected")
        let role = ServiceError(
            service: .ec2, status: 403, code: "AuthFailure.ServiceLinkedRoleCreationNotPermitted",
            message: "")
        #expect("\(LaunchFailure(.refused(role)))".contains("create-service-linked-role"))
    }

    @Test("failures before and after sending → not sent, or unanswered")
    func transport() {
        let none = AWSFailure.credentials(CredentialFailure("none"))
        #expect(kind(none) == "not sent")
        #expect(kind(.unreachable("refused")) == "not sent")
        for failure in [AWSFailure.unanswered("cut"), .malformed("html"), .cancelled] {
            #expect(kind(failure) == "unanswered")
        }
        #expect(ProviderFailure(none).isDenied)
        let passing = CredentialFailure("no answer", isTransient: true)
        #expect(ProviderFailure(.credentials(passing)).isUnavailable)
    }
}
