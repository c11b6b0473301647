import Training

extension StoreFailure {
    /// What a failed call means to the caller of a store: the one table of S3's errors.
    ///
    /// `key` is the object's, as the caller knows it, or the bucket's name.
    init(_ failure: AWSFailure, about key: String, in bucket: Bucket) {
        switch failure {
        case .refused(let error): self.init(error, about: key, in: bucket)
        case .credentials(let failure) where !failure.isTransient: self = .denied("\(failure)")
        case .unreadable(let detail): self = .local(detail)
        case .credentials, .unreachable, .unanswered, .malformed, .cancelled:
            self = .unavailable("\(bucket.name): \(failure)")
        }
    }

    private init(_ error: ServiceError, about key: String, in bucket: Bucket) {
        let name = bucket.name
        if error.isUndecided {
            self = .unavailable("\(name): \(error)")
            return
        }
        switch error.code {
        case "PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey":
            self = .conditionFailed(key: key)
        // The bytes that came are not those that were announced: the file changed, or the way
        // damaged them.
        case "BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch",
            "XAmzContentChecksumMismatch", "IncompleteBody", "InvalidPart":
            self = .corrupt(key: key, detail: "\(error)")
        case "NoSuchBucket":
            self = .denied(
                "there is no bucket \(name) in \(bucket.region); check its name, or make it with "
                    + "`reconcile init aws`")
        case "BucketAlreadyExists":
            self = .denied("the bucket name \(name) belongs to another account; choose another")
        case "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken",
            "RequestTimeTooSkewed":
            self = .denied("the credentials are not accepted: \(error)")
        default:
            self = .denied(error.meaning(about: key, in: bucket))
        }
    }
}

extension ServiceError {
    /// Whether the call may have taken effect, or would at another time.
    fileprivate var isUndecided: Bool {
        if isThrottle || isTransient || status >= 500 { return true }
        switch code {
        case "OperationAborted", "RequestTimeout", "NoSuchUpload", "KMS.ThrottlingException",
            "TemporaryRedirect":
            return true
        default: return false
        }
    }

    fileprivate func meaning(about key: String, in bucket: Bucket) -> String {
        if code.hasPrefix("KMS.") || message.contains("kms:") {
            return "the KMS key that encrypts \(bucket.name) cannot be used: \(self); check that "
                + "it is enabled and that its policy allows kms:GenerateDataKey and kms:Decrypt"
        }
        if bucketRegion != nil { return "\(bucket.name): \(message)" }
        if status == 403 {
            // S3 hides what is missing from those who may not list the bucket.
            return "\(key) in \(bucket.name): \(self); allow the action on "
                + "arn:aws:s3:::\(bucket.name)/* and s3:ListBucket on arn:aws:s3:::\(bucket.name), "
                + "without which a missing object cannot be told from a forbidden one"
        }
        return "\(key) in \(bucket.name): \(self)"
    }
}
