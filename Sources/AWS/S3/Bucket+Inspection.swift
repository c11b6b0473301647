package import Training
import Transport

/// What a bucket says of itself; each question needs its own permission.
extension Bucket {
    /// Whether every object stays private whatever policies and access lists say; needs
    /// `s3:GetBucketPublicAccessBlock`.
    package func blocksPublicAccess() async throws(StoreFailure) -> Bool {
        let root = try await configuration(
            "publicAccessBlock", unless: "NoSuchPublicAccessBlockConfiguration")
        guard let root else { return false }
        return [
            "BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets",
        ]
        .allSatisfy { root.text($0) == "true" }
    }

    /// Whether S3 removes uploads that nobody finishes; needs `s3:GetLifecycleConfiguration`.
    package func expiresUnfinishedUploads() async throws(StoreFailure) -> Bool {
        let root = try await configuration("lifecycle", unless: "NoSuchLifecycleConfiguration")
        guard let root else { return false }
        return root.children.contains { rule in
            rule.name == "Rule" && rule.text("Status") == "Enabled"
                && rule["AbortIncompleteMultipartUpload"] != nil
        }
    }

    /// A part of the bucket's configuration; nil where it has none.
    private func configuration(
        _ part: String, unless missing: String
    ) async throws(StoreFailure) -> XMLElement? {
        let response: AWSResponse
        do throws(AWSFailure) {
            response = try await send(.get, query: [(part, nil)])
        } catch {
            if case .refused(let refusal) = error, refusal.code == missing { return nil }
            throw StoreFailure(error, about: name, in: self)
        }
        do throws(XMLFault) {
            return try XMLDocument(response.body).root
        } catch {
            throw .unavailable("\(name): the answer about its \(part) cannot be read: \(error)")
        }
    }
}
