package import Training

/// One call to a simulated service, as every face of it describes it.
package struct CloudCall: Hashable, Sendable {
    package enum Service: String, Hashable, Sendable {
        case ec2
        case s3
        case sts
        case ssm
        case sqs
        case iam
        case quotas = "servicequotas"
    }

    package var service: Service
    /// The API's name, such as `RunInstances` or `GetObject`.
    package var operation: String
    package var region: String
    /// Who calls; empty for calls that need no signature.
    package var accessKey: String
    package var sessionToken: String?
    /// What it is about: a bucket and key as `bucket/key`, instance ids, a parameter's or role's
    /// name.
    package var resources: [String]
    /// Values that policies may ask for, such as `s3:if-none-match`.
    package var conditions: [String: [String]]

    package init(
        _ service: Service, _ operation: String, region: String, accessKey: String = "",
        sessionToken: String? = nil, resources: [String] = [],
        conditions: [String: [String]] = [:]
    ) {
        self.service = service
        self.operation = operation
        self.region = region
        self.accessKey = accessKey
        self.sessionToken = sessionToken
        self.resources = resources
        self.conditions = conditions
    }

    /// The action that policies name for it.
    package var action: String {
        guard service == .s3 else { return "\(service.rawValue):\(operation)" }
        switch operation {
        case "HeadObject": return "s3:GetObject"
        case "HeadBucket", "ListObjectsV2": return "s3:ListBucket"
        case "GetPublicAccessBlock": return "s3:GetBucketPublicAccessBlock"
        case "PutPublicAccessBlock": return "s3:PutBucketPublicAccessBlock"
        case "GetBucketLifecycleConfiguration": return "s3:GetLifecycleConfiguration"
        case "PutBucketLifecycleConfiguration": return "s3:PutLifecycleConfiguration"
        case "ListParts": return "s3:ListMultipartUploadParts"
        case "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload":
            return "s3:PutObject"
        default: return "s3:\(operation)"
        }
    }
}

/// A call in the log.
package struct CallRecord: Hashable, Sendable {
    /// From 1.
    package var number: Int
    package var at: Timestamp
    package var call: CloudCall
    /// The principal's ARN; empty for an unsigned or unknown caller.
    package var caller: String
    /// `ok`, an error code, or with a suffix ` (unanswered)` what the caller never learned.
    package var outcome: String
}

/// How a call ends for its caller.
package enum CallOutcome<Answer: Sendable>: Sendable {
    case answered(Answer, delay: Int64)
    case refused(CloudFailure, delay: Int64)
    /// No answer ever arrives, whether or not it was done.
    case unanswered(delay: Int64)
}
