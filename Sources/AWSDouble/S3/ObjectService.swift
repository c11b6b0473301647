import Simulation
import Training

/// S3's REST API, path style (API model 2006-03-01).
struct ObjectService: WireService {
    let service = CloudCall.Service.s3
    let clock: DoubleClock
    /// Where a bucket is, for who asked elsewhere.
    let home: @Sendable (String) -> String?

    func call(for request: WireRequest, region: String) -> CloudCall {
        let target = ObjectTarget(request)
        var call = CloudCall(.s3, target.operation, region: region)
        if !target.bucket.isEmpty {
            call.resources = [
                target.key.isEmpty ? target.bucket : "\(target.bucket)/\(target.key)"
            ]
        }
        let conditions = [
            "if-match", "if-none-match", "x-amz-server-side-encryption",
            "x-amz-server-side-encryption-aws-kms-key-id",
        ]
        for name in conditions {
            if let value = request[name] { call.conditions["s3:" + name] = [value] }
        }
        // Only what makes an object; S3 names the key in all of these calls.
        switch target.operation {
        case "PutObject", "CopyObject", "CompleteMultipartUpload":
            call.conditions["s3:ObjectCreationOperation"] = ["true"]
        case "CreateMultipartUpload", "UploadPart", "UploadPartCopy":
            call.conditions["s3:ObjectCreationOperation"] = ["false"]
        default: break
        }
        for name in ["prefix", "delimiter", "max-keys"] {
            if let value = target[name] { call.conditions["s3:" + name] = [value] }
        }
        return call
    }

    func refusal(of fault: SignatureFault) -> CloudFailure {
        switch fault {
        case .missing: CloudFailure(status: 403, "AccessDenied", "Access Denied")
        case .malformed(let what): CloudFailure("AuthorizationHeaderMalformed", what)
        case .unsupported(let form):
            CloudFailure(status: 501, "NotImplemented", "\(form) is not modelled")
        case .unsignedHeader(let name):
            CloudFailure(
                status: 403, "AccessDenied",
                "There were headers present in the request which were not signed: \(name)")
        case .unknownKey:
            CloudFailure(
                status: 403, "InvalidAccessKeyId",
                "The AWS Access Key Id you provided does not exist in our records.")
        case .wrongToken:
            CloudFailure("InvalidToken", "The provided token is malformed or otherwise invalid.")
        case .skewed:
            CloudFailure(
                status: 403, "RequestTimeTooSkewed",
                "The difference between the request time and the current time is too large.")
        case .wrongRegion(let region):
            CloudFailure(
                "AuthorizationHeaderMalformed",
                "The authorization header is malformed; the region is wrong; "
                    + "expecting '\(region)'")
        case .wrongPayload:
            CloudFailure(
                "XAmzContentSHA256Mismatch",
                "The provided 'x-amz-content-sha256' header does not match what was computed.")
        case .mismatch:
            CloudFailure(
                status: 403, "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided. "
                    + "Check your key and signing method.")
        }
    }

    func document(for failure: CloudFailure, of call: CloudCall, requestID: String) -> WireAnswer {
        var xml = XMLText()
        xml.element("Error") { xml in
            xml.element("Code", failure.code)
            xml.element("Message", failure.message)
            xml.element("Resource", "/" + (call.resources.first ?? ""))
            xml.element("RequestId", requestID)
            xml.element("HostId", ObjectService.hostID)
        }
        var answer = WireAnswer(
            failure.status, headers: [("Content-Type", "application/xml")], body: xml.bytes)
        answer.headers += ObjectService.ids(requestID)
        if failure.status == 301, let bucket = call.resources.first?.split(separator: "/").first,
            let region = home(String(bucket))
        {
            answer.headers.append(("x-amz-bucket-region", region))
        }
        return answer
    }

    func perform(
        _ call: ServiceCall, on cloud: inout SimulatedCloud
    ) throws(CloudFailure) -> Rendering {
        let object = ObjectCall(
            call: call, target: ObjectTarget(call.request), now: clock.now)
        var answer = try object.perform(on: &cloud.s3)
        answer.headers += ObjectService.ids(call.requestID)
        return { [answer] in answer }
    }

    private static let hostID = "double/" + Digest(of: "host").hex

    private static func ids(_ requestID: String) -> [(name: String, value: String)] {
        [("x-amz-request-id", requestID), ("x-amz-id-2", hostID)]
    }
}
