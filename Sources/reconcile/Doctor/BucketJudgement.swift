import Training

/// What was learnt about the bucket of all state.
struct BucketFacts: Sendable {
    /// The region that it is in.
    var home: Result<String, Unanswered>
    /// Whether records can be listed and read; nil: not asked, since something else is missing.
    var reading: Result<Void, Unanswered>?
    /// True: a second write of the same key was refused, as it must be.
    var writing: Result<Bool, Unanswered>?
    var isPrivate: Result<Bool, Unanswered>?
    var expiresUploads: Result<Bool, Unanswered>?
}

extension BucketFacts {
    /// `region`: where the bucket is said to be.
    func findings(_ name: String, region: String) -> [DoctorFinding] {
        let home: String
        switch self.home {
        case .failure(let why):
            return [
                DoctorFinding(
                    .bucket, .problem, why.detail,
                    advice: "`reconcile init aws --create-bucket` makes one")
            ]
        case .success(let found): home = found
        }
        guard home == region else {
            return [
                DoctorFinding(
                    .bucket, .problem, "\(name) is in \(home), not in \(region)",
                    advice: "set state_region: \(home) in the policy")
            ]
        }
        return [
            DoctorFinding(.bucket, .ok, "\(name) is in \(region)"), readingFinding, writingFinding,
            privacyFinding, uploadsFinding,
        ].compactMap { $0 }
    }

    private var readingFinding: DoctorFinding? {
        switch reading {
        case .success: DoctorFinding(.bucket, .ok, "its records can be listed and read")
        case .failure(let why):
            DoctorFinding(
                .bucket, .problem, "its records cannot be read: \(why.detail)",
                advice: "aws/controller.json of `reconcile init aws` has what is needed")
        case nil: nil
        }
    }

    private var writingFinding: DoctorFinding? {
        switch writing {
        case .success(true):
            DoctorFinding(.bucket, .ok, "it can be written, and refuses to overwrite what is there")
        case .success(false):
            DoctorFinding(
                .bucket, .problem, "it overwrites an object in spite of If-None-Match",
                advice: "use S3 itself, or a server with conditional writes: two reconcilers "
                    + "could both launch here")
        case .failure(let why):
            DoctorFinding(
                .bucket, .problem, "it cannot be written: \(why.detail)",
                advice: "this is enough for `plan`; to apply, use the rights of "
                    + "aws/controller.json")
        case nil: nil
        }
    }

    private var privacyFinding: DoctorFinding? {
        switch isPrivate {
        case .success(true): DoctorFinding(.bucket, .ok, "public access is blocked")
        case .success(false):
            DoctorFinding(
                .bucket, .warning, "public access is not blocked",
                advice: "`reconcile init aws --create-bucket` blocks it, also for a bucket that "
                    + "is there")
        case .failure(let why):
            DoctorFinding(.bucket, .unchecked, "whether public access is blocked: \(why.detail)")
        case nil: nil
        }
    }

    private var uploadsFinding: DoctorFinding? {
        switch expiresUploads {
        case .success(true): DoctorFinding(.bucket, .ok, "uploads that nobody finishes are removed")
        case .success(false):
            DoctorFinding(
                .bucket, .warning, "uploads that nobody finishes stay, and are paid for",
                advice: "add a lifecycle rule with AbortIncompleteMultipartUpload")
        case .failure(let why):
            DoctorFinding(
                .bucket, .unchecked, "whether unfinished uploads are removed: \(why.detail)")
        case nil: nil
        }
    }
}
