import Simulation
import Training

/// Calls about one object, or several by name.
extension ObjectCall {
    func getObject(_ store: inout SimulatedS3) throws(CloudFailure) -> WireAnswer {
        let ifMatch = request["if-match"].map(ObjectCall.unquoted)
        let ifNoneMatch = request["if-none-match"].map(ObjectCall.unquoted)
        let object = try store.getObject(
            target.bucket, target.key, ifMatch: ifMatch, ifNoneMatch: ifNoneMatch)
        var headers = describe(object)
        let size = object.content.count
        var status = 200
        var range = 0..<size
        if let header = request["range"],
            let asked = try SimulatedS3.range(header, of: size)
        {
            status = 206
            range = asked
            headers.append(
                ("Content-Range", "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"))
        } else if request["x-amz-checksum-mode"]?.uppercased() == "ENABLED" {
            // A part of the bytes has no checksum that was kept.
            headers += ObjectCall.headers(object.checksum, isFull: object.isFullChecksum)
        }
        guard request.method == "GET" else {
            headers.append(("Content-Length", String(range.count)))
            return WireAnswer(status, headers: headers)
        }
        return WireAnswer(status, headers: headers, body: object.content[range])
    }

    private func describe(_ object: SimulatedS3.Object) -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = [
            ("ETag", "\"\(object.etag)\""),
            ("Last-Modified", WireTime(object.lastModified).http), ("Accept-Ranges", "bytes"),
            ("Content-Type", object.contentType ?? "binary/octet-stream"),
        ]
        headers += encryption(object)
        for (name, value) in object.metadata.sorted(by: { $0.key < $1.key }) {
            headers.append(("x-amz-meta-" + name, value))
        }
        return headers
    }

    func encryption(_ object: SimulatedS3.Object) -> [(name: String, value: String)] {
        var headers = [("x-amz-server-side-encryption", object.encryption)]
        if let key = object.kmsKey {
            headers.append(("x-amz-server-side-encryption-aws-kms-key-id", key))
        }
        return headers.map { (name: $0.0, value: $0.1) }
    }

    func putObject(_ store: inout SimulatedS3) throws(CloudFailure) -> WireAnswer {
        let write = try write()
        try checkMD5()
        let content = StoredContent(call.body.bytes)
        let object = try store.putObject(write, content, at: now)
        let headers =
            [(name: "ETag", value: "\"\(object.etag)\"")] + encryption(object)
            + ObjectCall.headers(object.checksum, isFull: object.isFullChecksum)
        return WireAnswer(200, headers: headers)
    }

    func deleteObject(_ store: inout SimulatedS3) throws(CloudFailure) -> WireAnswer {
        let ifMatch = request["if-match"].map(ObjectCall.unquoted)
        try store.deleteObject(target.bucket, target.key, ifMatch: ifMatch)
        return WireAnswer(204)
    }

    /// Up to 1,000 keys; each has an outcome of its own.
    func deleteObjects(_ store: inout SimulatedS3) throws(CloudFailure) -> WireAnswer {
        let root = try document("Delete")
        try checkMD5()
        if let declared = try checksum() {
            let real = ContentChecksum(declared.algorithm, of: StoredContent(call.body.bytes))
            guard real == declared else {
                throw CloudFailure("BadDigest", "The checksum did not match what we received.")
            }
        } else if request["content-md5"] == nil {
            throw CloudFailure("InvalidRequest", "Missing required header: Content-MD5")
        }
        let keys = root.all("Object").compactMap { $0["Key"] }
        guard !keys.isEmpty, keys.count <= 1_000 else {
            throw CloudFailure("MalformedXML", "1 to 1000 keys are needed")
        }
        let isQuiet = root["Quiet"] == "true"
        var xml = XMLText()
        for key in keys { try store.deleteObject(target.bucket, key) }
        xml.element("DeleteResult", namespace: XMLText.objects) { xml in
            for key in keys where !isQuiet {
                xml.element("Deleted") { $0.element("Key", key) }
            }
        }
        return answer(xml)
    }

    func listObjects(_ store: inout SimulatedS3) throws(CloudFailure) -> WireAnswer {
        var list = SimulatedS3.ListObjects(target.bucket)
        list.prefix = target["prefix"] ?? ""
        list.delimiter = target["delimiter"]
        list.startAfter = target["start-after"]
        list.continuationToken = target["continuation-token"]
        if let text = target["max-keys"] {
            guard let number = Int(text), number >= 0 else {
                throw CloudFailure("InvalidArgument", "Provided max-keys not an integer")
            }
            list.maxKeys = number
        }
        let listing = try store.listObjects(list)
        let encodes = target["encoding-type"] == "url"
        func coded(_ text: String) -> String {
            encodes ? PercentCoding.encode(text, keeping: "/") : text
        }
        var xml = XMLText(capacity: 300 * listing.keyCount + 1_000)
        xml.element("ListBucketResult", namespace: XMLText.objects) { xml in
            xml.element("Name", target.bucket)
            xml.element("Prefix", coded(list.prefix))
            if let delimiter = list.delimiter { xml.element("Delimiter", coded(delimiter)) }
            xml.element("MaxKeys", min(list.maxKeys, 1_000))
            if encodes { xml.element("EncodingType", "url") }
            xml.element("KeyCount", listing.keyCount)
            xml.element("IsTruncated", listing.nextToken != nil)
            xml.element("ContinuationToken", ifAny: list.continuationToken)
            xml.element("NextContinuationToken", ifAny: listing.nextToken)
            xml.element("StartAfter", ifAny: list.startAfter.map(coded))
            for object in listing.objects {
                xml.element("Contents") { xml in
                    xml.element("Key", coded(object.key))
                    xml.element("LastModified", WireTime(object.lastModified).iso)
                    xml.element("ETag", "\"\(object.etag)\"")
                    xml.element("ChecksumAlgorithm", object.checksumAlgorithm.rawValue)
                    xml.element(
                        "ChecksumType", object.isFullChecksum ? "FULL_OBJECT" : "COMPOSITE")
                    xml.element("Size", object.content.count)
                    xml.element("StorageClass", "STANDARD")
                }
            }
            for prefix in listing.commonPrefixes {
                xml.element("CommonPrefixes") { $0.element("Prefix", coded(prefix)) }
            }
        }
        return answer(xml)
    }
}

extension XMLText {
    /// The namespace of S3's documents.
    static let objects: StaticString = "http://s3.amazonaws.com/doc/2006-03-01/"
}
