/// Which call of S3's REST API a request is, by its method, path and query.
struct ObjectTarget: Sendable {
    /// As the API model names the operation; empty for one that is not modelled.
    var operation: String
    var bucket: String
    /// Decoded; never normalised.
    var key: String
    /// Decoded; a name without `=` has an empty value.
    private var query: [String: String]

    init(_ request: WireRequest) {
        let path = request.path.dropFirst()
        let parts = path.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        bucket = PercentCoding.decode(parts.first ?? "")
        key = parts.count > 1 ? PercentCoding.decode(parts[1]) : ""
        query = Dictionary(request.parameters.map { ($0.name, $0.value) }) { first, _ in first }
        operation = ""
        operation =
            bucket.isEmpty
            ? (request.method == "GET" ? "ListBuckets" : "")
            : key.isEmpty ? bucketOperation(request.method) : objectOperation(request)
    }

    subscript(name: String) -> String? { query[name] }

    private func bucketOperation(_ method: String) -> String {
        let part = [
            "location", "policy", "lifecycle", "publicAccessBlock", "versioning", "uploads",
            "encryption",
        ].first { query[$0] != nil }
        switch (method, part) {
        case ("GET", nil): return query["list-type"] == "2" ? "ListObjectsV2" : "ListObjects"
        case ("HEAD", nil): return "HeadBucket"
        case ("PUT", nil): return "CreateBucket"
        case ("DELETE", nil): return "DeleteBucket"
        case ("POST", nil): return query["delete"] != nil ? "DeleteObjects" : ""
        case ("GET", "location"): return "GetBucketLocation"
        case ("GET", "uploads"): return "ListMultipartUploads"
        case ("GET", "versioning"): return "GetBucketVersioning"
        case ("PUT", "policy"): return "PutBucketPolicy"
        case ("GET", "policy"): return "GetBucketPolicy"
        case ("PUT", "lifecycle"): return "PutBucketLifecycleConfiguration"
        case ("GET", "lifecycle"): return "GetBucketLifecycleConfiguration"
        case ("PUT", "publicAccessBlock"): return "PutPublicAccessBlock"
        case ("GET", "publicAccessBlock"): return "GetPublicAccessBlock"
        case ("PUT", "encryption"): return "PutBucketEncryption"
        default: return ""
        }
    }

    private func objectOperation(_ request: WireRequest) -> String {
        let isPart = query["uploadId"] != nil
        switch request.method {
        case "GET": return isPart ? "ListParts" : "GetObject"
        case "HEAD": return "HeadObject"
        case "PUT":
            if request["x-amz-copy-source"] != nil {
                return isPart ? "UploadPartCopy" : "CopyObject"
            }
            return isPart ? "UploadPart" : "PutObject"
        case "DELETE": return isPart ? "AbortMultipartUpload" : "DeleteObject"
        case "POST":
            if query["uploads"] != nil { return "CreateMultipartUpload" }
            return isPart ? "CompleteMultipartUpload" : ""
        default: return ""
        }
    }
}
