import Training
import Transport

/// What S3 says about an object in the headers of an answer.
struct ObjectHead: Sendable {
    /// Of the whole object, in bytes.
    var size: Int
    var etag: ETag
    var lastModified: Timestamp
    /// Base 64 of the SHA-256, or of the digest of the parts' digests; nil where the server keeps
    /// none, or was not asked.
    var checksum: String?
    /// Which upload wrote the object; nil for other writers.
    var upload: String?

    static let uploadHeader = "x-amz-meta-holdfast-upload"

    init(_ response: AWSResponse) throws(AWSFailure) {
        etag = try response.etag()
        // A range's answer tells the size of the whole behind the slash.
        let whole = response["Content-Range"]?.split(separator: "/").last.map(String.init)
        guard let size = (whole ?? response["Content-Length"]).flatMap({ Int($0) }), size >= 0
        else {
            throw .malformed("an object without a size")
        }
        guard let modified = response["Last-Modified"].flatMap(HTTPDate.parse) else {
            throw .malformed("an object without a time of modification")
        }
        self.size = size
        lastModified = modified
        // S3 puts the number of parts behind it, after a hyphen; others do not.
        checksum = response["x-amz-checksum-sha256"]?.prefix { $0 != "-" }.description
        upload = response[ObjectHead.uploadHeader]
    }

    /// Asks for the facts about an object; nil when there is none.
    static func ask(
        _ bucket: Bucket, _ place: String, named key: String, withChecksum: Bool = false
    ) async throws(StoreFailure) -> ObjectHead? {
        let headers = withChecksum ? [(name: "x-amz-checksum-mode", value: "ENABLED")] : []
        let missing: Bool
        do throws(AWSFailure) {
            return try ObjectHead(try await bucket.send(.head, place, headers: headers))
        } catch {
            missing = error.isMissingObject
            guard missing else { throw StoreFailure(error, about: key, in: bucket) }
        }
        // The answer has no body to say whether the object or the whole bucket is missing, as one
        // that was deleted a moment ago.
        try await bucket.confirm()
        return nil
    }
}

extension AWSFailure {
    /// The status of the service's refusal; nil where there was none.
    var status: Int? {
        if case .refused(let error) = self { error.status } else { nil }
    }

    /// Whether there is no such object, in a bucket that exists.
    var isMissingObject: Bool {
        guard case .refused(let error) = self else { return false }
        return error.status == 404 && error.code != "NoSuchBucket"
    }
}

extension AWSResponse {
    /// The version that the answer is about.
    func etag() throws(AWSFailure) -> ETag {
        guard let text = self["ETag"], !text.isEmpty else { throw .malformed("no ETag") }
        return ETag(text)
    }
}
