package import Training
import Transport

/// What makes a bucket fit for a store; each call needs its own permission, which only a person who
/// sets up an account has.
extension Bucket {
    /// Makes the bucket in its region; false when it was there already and is ours.
    package func create() async throws(StoreFailure) -> Bool {
        let place =
            "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
            + "<LocationConstraint>\(region)</LocationConstraint></CreateBucketConfiguration>"
        do throws(AWSFailure) {
            // S3's first region is the one that must not be named.
            let body = region == "us-east-1" ? [] : Array(place.utf8)
            _ = try await send(.put, body: .bytes(body), retries: .refusals)
            return true
        } catch {
            if case .refused(let refusal) = error, refusal.code == "BucketAlreadyOwnedByYou" {
                return false
            }
            throw StoreFailure(error, about: name, in: self)
        }
    }

    /// Keeps every object private, whatever policies and access lists say.
    package func blockPublicAccess() async throws(StoreFailure) {
        let parts = [
            "BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets",
        ]
        let settings = parts.map { "<\($0)>true</\($0)>" }.joined()
        try await set(
            "publicAccessBlock",
            "<PublicAccessBlockConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                + settings + "</PublicAccessBlockConfiguration>")
    }

    /// Has S3 remove uploads that nobody finished; replaces every rule of the bucket, so it is for
    /// new ones.
    package func expireUnfinishedUploads(afterDays days: Int) async throws(StoreFailure) {
        try await set(
            "lifecycle",
            "<LifecycleConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Rule>"
                + "<ID>holdfast-unfinished-uploads</ID><Filter><Prefix></Prefix></Filter>"
                + "<Status>Enabled</Status><AbortIncompleteMultipartUpload>"
                + "<DaysAfterInitiation>\(days)</DaysAfterInitiation>"
                + "</AbortIncompleteMultipartUpload></Rule></LifecycleConfiguration>")
    }

    /// Replaces the bucket's policy by this JSON.
    package func setPolicy(_ json: String) async throws(StoreFailure) {
        try await set("policy", json)
    }

    private func set(_ part: String, _ text: String) async throws(StoreFailure) {
        let body = Array(text.utf8)
        do throws(AWSFailure) {
            // S3 wants a checksum of these besides the signature.
            _ = try await send(
                .put, query: [(part, nil)],
                headers: [
                    (name: "x-amz-checksum-sha256", value: Base64.encode(Digest(of: body).bytes))
                ],
                body: .bytes(body))
        } catch {
            throw StoreFailure(error, about: name, in: self)
        }
    }
}
