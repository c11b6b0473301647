import Simulation
import Training

/// One S3 call whose signature was accepted.
struct ObjectCall {
    let call: ServiceCall
    let target: ObjectTarget
    let now: Timestamp

    var request: WireRequest { call.request }

    func perform(on store: inout SimulatedS3) throws(CloudFailure) -> WireAnswer {
        switch target.operation {
        case "ListBuckets": return listBuckets(store)
        case "CreateBucket": return try createBucket(&store)
        case "HeadBucket", "GetBucketLocation": return try describeBucket(&store)
        case "PutBucketPolicy", "PutPublicAccessBlock", "PutBucketLifecycleConfiguration",
            "PutBucketEncryption":
            return try setBucket(&store)
        case "GetBucketPolicy": return try bucketPolicy(&store)
        case "GetPublicAccessBlock", "GetBucketLifecycleConfiguration":
            return try bucketSetting(&store)
        case "ListObjectsV2": return try listObjects(&store)
        case "GetObject", "HeadObject": return try getObject(&store)
        case "PutObject": return try putObject(&store)
        case "DeleteObject": return try deleteObject(&store)
        case "DeleteObjects": return try deleteObjects(&store)
        case "CreateMultipartUpload": return try createMultipartUpload(&store)
        case "UploadPart": return try uploadPart(&store)
        case "CompleteMultipartUpload": return try completeMultipartUpload(&store)
        case "AbortMultipartUpload": return try abortMultipartUpload(&store)
        case "ListParts": return try listParts(&store)
        case "ListMultipartUploads": return try listMultipartUploads(&store)
        default:
            throw CloudFailure(
                status: 501, "NotImplemented",
                "\(request.method) \(request.path)?\(request.query) is not modelled")
        }
    }

    // MARK: What writes have in common

    /// The conditions and properties that the headers state.
    func write() throws(CloudFailure) -> SimulatedS3.Write {
        var write = SimulatedS3.Write(target.bucket, target.key)
        if let condition = request["if-none-match"] {
            guard condition == "*" else {
                throw CloudFailure(
                    status: 501, "NotImplemented", "If-None-Match takes only * on a write")
            }
            write.ifAbsent = true
        }
        write.ifMatch = request["if-match"].map(ObjectCall.unquoted)
        write.checksum = try checksum()
        write.contentType = request["content-type"]
        for header in request.headers where header.name.hasPrefix("x-amz-meta-") {
            let name = String(header.name.dropFirst("x-amz-meta-".count))
            write.metadata[name] = WireRequest.trimmed(header.value)
        }
        write.encryption = request["x-amz-server-side-encryption"]
        write.kmsKey = request["x-amz-server-side-encryption-aws-kms-key-id"]
        return write
    }

    /// The checksum that came in a header or, with aws-chunked, behind the body.
    func checksum() throws(CloudFailure) -> ContentChecksum? {
        let prefix = "x-amz-checksum-"
        let headers = request.headers + call.body.trailers
        let found = headers.filter {
            $0.name.hasPrefix(prefix)
                && !["algorithm", "mode", "type"].contains(
                    $0.name.dropFirst(prefix.count))
        }
        guard found.count <= 1 else {
            throw CloudFailure(
                "InvalidRequest", "Expecting a single x-amz-checksum- header")
        }
        if let trailer = request["x-amz-trailer"]?.lowercased(), trailer.hasPrefix(prefix),
            !call.body.trailers.contains(where: { $0.name == trailer })
        {
            throw CloudFailure("MalformedTrailerError", "The trailer \(trailer) did not come.")
        }
        guard let header = found.first else { return nil }
        let name = header.name.dropFirst(prefix.count).uppercased()
        guard let algorithm = ContentChecksum.Algorithm(rawValue: name) else {
            throw CloudFailure(status: 501, "NotImplemented", "\(header.name) is not modelled")
        }
        let value = WireRequest.trimmed(header.value)
        return ContentChecksum(algorithm, value)
    }

    /// S3 verifies this one too, and keeps nothing of it.
    func checkMD5() throws(CloudFailure) {
        guard let declared = request["content-md5"] else { return }
        guard let bytes = WireBase64.decode(declared), bytes.count == 16 else {
            throw CloudFailure("InvalidDigest", "The Content-MD5 you specified is not valid.")
        }
        guard bytes == MessageDigest5.digest(of: call.body.bytes) else {
            throw CloudFailure(
                "BadDigest",
                "The Content-MD5 you specified did not match what we received.")
        }
    }

    static func unquoted(_ etag: String) -> String {
        etag.count >= 2 && etag.hasPrefix("\"") && etag.hasSuffix("\"")
            ? String(etag.dropFirst().dropLast()) : etag
    }

    static func headers(_ checksum: ContentChecksum?, isFull: Bool) -> [(
        name: String, value: String
    )] {
        guard let checksum else { return [] }
        return [
            ("x-amz-checksum-" + checksum.algorithm.rawValue.lowercased(), checksum.value),
            ("x-amz-checksum-type", isFull ? "FULL_OBJECT" : "COMPOSITE"),
        ]
    }

    func answer(_ xml: XMLText, _ headers: [(name: String, value: String)] = []) -> WireAnswer {
        WireAnswer(
            200, headers: [("Content-Type", "application/xml")] + headers, body: xml.bytes)
    }

    /// The one element of a body.
    func document(_ name: String) throws(CloudFailure) -> XMLNode {
        guard let root = XMLNode(call.body.bytes), root.name == name else {
            throw CloudFailure(
                "MalformedXML",
                "The XML you provided was not well-formed or did not validate against our "
                    + "published schema")
        }
        return root
    }
}
