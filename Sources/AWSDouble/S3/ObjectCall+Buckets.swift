import Simulation
import Training

/// Calls about buckets.
extension ObjectCall {
    func listBuckets(_ store: SimulatedS3) -> WireAnswer {
        let buckets = store.buckets.values.sorted { $0.name < $1.name }
        var xml = XMLText()
        xml.element("ListAllMyBucketsResult", namespace: XMLText.objects) { xml in
            xml.element("Buckets") { xml in
                for bucket in buckets {
                    xml.element("Bucket") { xml in
                        xml.element("Name", bucket.name)
                        xml.element("BucketRegion", bucket.region)
                    }
                }
            }
        }
        return answer(xml)
    }

    func createBucket(_ store: inout SimulatedS3) throws(CloudFailure) -> WireAnswer {
        var region = "us-east-1"
        if !call.body.bytes.isEmpty {
            let root = try document("CreateBucketConfiguration")
            region = root["LocationConstraint"] ?? region
            guard region != "us-east-1" else {
                throw CloudFailure(
                    "InvalidLocationConstraint",
                    "The specified location-constraint is not valid")
            }
        }
        guard region == call.call.region else {
            throw CloudFailure(
                "IllegalLocationConstraintException",
                "The \(region) location constraint is incompatible for the region specific "
                    + "endpoint this request was sent to.")
        }
        try store.createBucket(target.bucket, region: region)
        return WireAnswer(200, headers: [("Location", "/" + target.bucket)])
    }

    private func bucket(
        _ store: SimulatedS3
    ) throws(CloudFailure) -> SimulatedS3.Bucket {
        guard let bucket = store.buckets[target.bucket] else {
            throw CloudFailure(
                status: 404, "NoSuchBucket", "The specified bucket does not exist")
        }
        return bucket
    }

    func describeBucket(_ store: inout SimulatedS3) throws(CloudFailure) -> WireAnswer {
        let region = try bucket(store).region
        if request.method == "HEAD" {
            return WireAnswer(200, headers: [("x-amz-bucket-region", region)])
        }
        var xml = XMLText()
        xml.element(
            "LocationConstraint", namespace: XMLText.objects,
            text: region == "us-east-1" ? "" : region)
        return answer(xml)
    }

    /// What makes a bucket safe to use; of these only a policy and an encryption have effects.
    func setBucket(_ store: inout SimulatedS3) throws(CloudFailure) -> WireAnswer {
        _ = try bucket(store)
        let body = call.body.bytes
        if let declared = try checksum() {
            guard ContentChecksum(declared.algorithm, of: StoredContent(body)) == declared else {
                throw CloudFailure("BadDigest", "The checksum did not match what we received.")
            }
        } else {
            guard request["content-md5"] != nil else {
                throw CloudFailure("InvalidRequest", "Missing required header: Content-MD5")
            }
            try checkMD5()
        }
        switch target.operation {
        case "PutBucketPolicy":
            let policy: PolicyDocument
            do throws(CanonicalJSON.Failure) {
                policy = try CanonicalJSON.decode(PolicyDocument.self, from: body)
            } catch {
                throw CloudFailure("MalformedPolicy", "This policy contains invalid Json")
            }
            store.buckets[target.bucket]?.policy = policy
            return WireAnswer(204)
        case "PutBucketEncryption":
            let rule = try document("ServerSideEncryptionConfiguration").all("Rule").first?
                .all("ApplyServerSideEncryptionByDefault").first
            guard let algorithm = rule?["SSEAlgorithm"] else {
                throw CloudFailure("MalformedXML", "SSEAlgorithm is missing")
            }
            store.buckets[target.bucket]?.encryption = algorithm
        case "PutPublicAccessBlock":
            _ = try document("PublicAccessBlockConfiguration")
            store.buckets[target.bucket]?.settings["GetPublicAccessBlock"] = body
        default:
            _ = try document("LifecycleConfiguration")
            store.buckets[target.bucket]?.settings["GetBucketLifecycleConfiguration"] = body
        }
        return WireAnswer(200)
    }

    /// What was set, as it was set.
    func bucketSetting(_ store: inout SimulatedS3) throws(CloudFailure) -> WireAnswer {
        guard let setting = try bucket(store).settings[target.operation] else {
            throw CloudFailure(
                status: 404,
                target.operation == "GetPublicAccessBlock"
                    ? "NoSuchPublicAccessBlockConfiguration" : "NoSuchLifecycleConfiguration",
                "The configuration does not exist")
        }
        return WireAnswer(200, headers: [("Content-Type", "application/xml")], body: setting)
    }

    func bucketPolicy(_ store: inout SimulatedS3) throws(CloudFailure) -> WireAnswer {
        guard let policy = try bucket(store).policy else {
            throw CloudFailure(
                status: 404, "NoSuchBucketPolicy", "The bucket policy does not exist")
        }
        return WireAnswer(
            200, headers: [("Content-Type", "application/json")],
            body: CanonicalJSON.encode(policy))
    }
}
