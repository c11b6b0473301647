import Training
import Transport

/// An upload in parts, from its beginning to its end or its removal.
///
/// What a killed process leaves of one is invisible but paid for, until the bucket's rule
/// `AbortIncompleteMultipartUpload` removes it.
struct MultipartUpload: Sendable {
    struct Part: Sendable {
        var number: Int
        var etag: ETag
        var digest: Digest
    }

    private let bucket: Bucket
    private let place: String
    private let id: String

    /// Begins one; a lost answer leaves one that nobody knows.
    init(
        in bucket: Bucket, at place: String, headers: [(name: String, value: String)]
    ) async throws(AWSFailure) {
        let headers =
            headers + [
                (name: "x-amz-checksum-algorithm", value: "SHA256"),
                (name: "x-amz-checksum-type", value: "COMPOSITE"),
            ]
        let answer = try await bucket.send(
            .post, place, query: [("uploads", nil)], headers: headers)
        let root = try answer.document(named: "InitiateMultipartUploadResult")
        guard let id = root.text("UploadId"), !id.isEmpty else {
            throw .malformed("an upload without an id")
        }
        self.bucket = bucket
        self.place = place
        self.id = id
    }

    /// Sends one part, numbered from 1; sending it again replaces it.
    func send(
        _ number: Int, _ bytes: Range<Int>, of path: String, digest: Digest
    ) async throws(AWSFailure) -> Part {
        let answer = try await bucket.send(
            .put, place, query: [("partNumber", "\(number)"), ("uploadId", id)],
            headers: [(name: "x-amz-checksum-sha256", value: Base64.encode(digest.bytes))],
            body: .file(
                path: path, offset: bytes.lowerBound, length: bytes.count, sha256: digest),
            deadline: TransferShape.deadline(of: bytes.count))
        return Part(number: number, etag: try answer.etag(), digest: digest)
    }

    /// Makes the parts one object, if the condition holds at that moment.
    ///
    /// S3 may answer 200 with an error in the body, which is thrown as any other; it may take
    /// minutes, during which it sends spaces.
    func complete(
        _ parts: [Part], size: Int, if condition: WriteCondition
    ) async throws(AWSFailure) {
        let list = parts.map { part in
            "<Part><PartNumber>\(part.number)</PartNumber><ETag>\(escaped(part.etag.text))</ETag>"
                + "<ChecksumSHA256>\(Base64.encode(part.digest.bytes))</ChecksumSHA256></Part>"
        }
        let body = """
            <CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">\
            \(list.joined())</CompleteMultipartUpload>
            """
        let answer = try await bucket.send(
            .post, place, query: [("uploadId", id)],
            headers: condition.headers + [(name: "x-amz-mp-object-size", value: "\(size)")],
            body: .bytes(Array(body.utf8)), retries: condition.retries, deadline: .seconds(600))
        _ = try answer.document(named: "CompleteMultipartUploadResult")
    }

    /// Removes what was sent, also for a task that was cancelled; where it fails, the bucket's rule
    /// does it later.
    func abort() async {
        await Task {
            _ = try? await bucket.send(
                .delete, place, query: [("uploadId", id)], deadline: .seconds(10))
        }.value
    }

    /// What S3 keeps of an object in parts: the digest of their digests.
    static func checksum(of parts: [Part]) -> String {
        Base64.encode(Digest(of: parts.flatMap(\.digest.bytes)).bytes)
    }

    private func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
    }
}
