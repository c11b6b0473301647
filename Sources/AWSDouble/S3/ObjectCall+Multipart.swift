import Simulation
import Training

/// Uploads in parts.
extension ObjectCall {
    private var upload: String { target["uploadId"] ?? "" }

    func createMultipartUpload(_ store: inout SimulatedS3) throws(CloudFailure) -> WireAnswer {
        let write = try write()
        var algorithm: ContentChecksum.Algorithm?
        if let name = request["x-amz-checksum-algorithm"] {
            algorithm = ContentChecksum.Algorithm(rawValue: name.uppercased())
            guard algorithm != nil else {
                throw CloudFailure(status: 501, "NotImplemented", "\(name) is not modelled")
            }
        }
        let type = request["x-amz-checksum-type"]?.uppercased()
        guard type == nil || algorithm != nil else {
            throw CloudFailure(
                "InvalidRequest", "A checksum type needs a checksum algorithm.")
        }
        let upload = try store.createMultipartUpload(
            write, algorithm: algorithm, isFullChecksum: type == "FULL_OBJECT", at: now)
        var headers: [(name: String, value: String)] = []
        if let algorithm {
            headers.append(("x-amz-checksum-algorithm", algorithm.rawValue))
            headers.append(
                ("x-amz-checksum-type", upload.isFullChecksum ? "FULL_OBJECT" : "COMPOSITE"))
        }
        var xml = XMLText()
        xml.element("InitiateMultipartUploadResult", namespace: XMLText.objects) { xml in
            xml.element("Bucket", target.bucket)
            xml.element("Key", target.key)
            xml.element("UploadId", upload.id)
        }
        return answer(xml, headers)
    }

    func uploadPart(_ store: inout SimulatedS3) throws(CloudFailure) -> WireAnswer {
        guard let number = target["partNumber"].flatMap({ Int($0) }) else {
            throw CloudFailure("InvalidArgument", "Part number must be an integer")
        }
        let checksum = try checksum()
        try checkMD5()
        let content = StoredContent(call.body.bytes)
        let part = try store.uploadPart(
            target.bucket, target.key, upload: upload, number: number, content,
            checksum: checksum, at: now)
        let sums = ObjectCall.headers(part.checksum, isFull: true).prefix(1)
        return WireAnswer(200, headers: [("ETag", "\"\(part.etag)\"")] + sums)
    }

    func completeMultipartUpload(_ store: inout SimulatedS3) throws(CloudFailure) -> WireAnswer {
        let write = try write()
        let parts = try parts(of: try document("CompleteMultipartUpload"))
        if let text = request["x-amz-mp-object-size"] {
            let known = try store.listParts(target.bucket, target.key, upload: upload).upload.parts
            let size = parts.reduce(0) { $0 + (known[$1.number]?.content.count ?? 0) }
            guard Int(text) == size else {
                throw CloudFailure(
                    "InvalidRequest",
                    "The provided 'x-amz-mp-object-size' header does not match what was sent.")
            }
        }
        let object = try store.completeMultipartUpload(write, upload: upload, parts: parts, at: now)
        var xml = XMLText()
        xml.element("CompleteMultipartUploadResult", namespace: XMLText.objects) { xml in
            xml.element("Location", "/\(target.bucket)/\(target.key)")
            xml.element("Bucket", target.bucket)
            xml.element("Key", target.key)
            xml.element("ETag", "\"\(object.etag)\"")
            xml.checksum(object.checksum)
            xml.element("ChecksumType", object.isFullChecksum ? "FULL_OBJECT" : "COMPOSITE")
        }
        return answer(xml, encryption(object))
    }

    private func parts(
        of root: XMLNode
    ) throws(CloudFailure) -> [SimulatedS3.PartReference] {
        var parts: [SimulatedS3.PartReference] = []
        for element in root.all("Part") {
            guard let number = element["PartNumber"].flatMap({ Int($0) }),
                let etag = element["ETag"]
            else { throw CloudFailure("MalformedXML", "A part needs PartNumber and ETag") }
            var part = SimulatedS3.PartReference(
                number: number, etag: ObjectCall.unquoted(etag))
            for algorithm in ContentChecksum.Algorithm.allCases {
                if let value = element["Checksum" + algorithm.rawValue] {
                    part.checksum = ContentChecksum(algorithm, value)
                }
            }
            parts.append(part)
        }
        return parts
    }

    func abortMultipartUpload(_ store: inout SimulatedS3) throws(CloudFailure) -> WireAnswer {
        try store.abortMultipartUpload(target.bucket, target.key, upload: upload)
        return WireAnswer(204)
    }

    func listParts(_ store: inout SimulatedS3) throws(CloudFailure) -> WireAnswer {
        let marker = target["part-number-marker"].flatMap { Int($0) } ?? 0
        let page = try store.listParts(target.bucket, target.key, upload: upload, after: marker)
        var xml = XMLText()
        xml.element("ListPartsResult", namespace: XMLText.objects) { xml in
            xml.element("Bucket", target.bucket)
            xml.element("Key", target.key)
            xml.element("UploadId", upload)
            xml.element("PartNumberMarker", marker)
            if page.isTruncated, let last = page.parts.last {
                xml.element("NextPartNumberMarker", last.number)
            }
            xml.element("MaxParts", 1_000)
            xml.element("IsTruncated", page.isTruncated)
            for part in page.parts {
                xml.element("Part") { xml in
                    xml.element("PartNumber", part.number)
                    xml.element("LastModified", WireTime(part.lastModified).iso)
                    xml.element("ETag", "\"\(part.etag)\"")
                    xml.element("Size", part.content.count)
                    if let checksum = part.checksum { xml.checksum(checksum) }
                }
            }
            xml.element("StorageClass", "STANDARD")
        }
        return answer(xml)
    }

    func listMultipartUploads(_ store: inout SimulatedS3) throws(CloudFailure) -> WireAnswer {
        let prefix = target["prefix"] ?? ""
        let uploads = try store.listMultipartUploads(target.bucket, prefix: prefix)
        var xml = XMLText()
        xml.element("ListMultipartUploadsResult", namespace: XMLText.objects) { xml in
            xml.element("Bucket", target.bucket)
            xml.element("Prefix", prefix)
            xml.element("MaxUploads", 1_000)
            xml.element("IsTruncated", false)
            for upload in uploads {
                xml.element("Upload") { xml in
                    xml.element("Key", upload.write.key)
                    xml.element("UploadId", upload.id)
                    xml.element("StorageClass", "STANDARD")
                    xml.element("Initiated", WireTime(upload.started).iso)
                }
            }
        }
        return answer(xml)
    }
}

extension XMLText {
    fileprivate mutating func checksum(_ checksum: ContentChecksum) {
        switch checksum.algorithm {
        case .crc32: element("ChecksumCRC32", checksum.value)
        case .crc32c: element("ChecksumCRC32C", checksum.value)
        case .crc64nvme: element("ChecksumCRC64NVME", checksum.value)
        case .sha256: element("ChecksumSHA256", checksum.value)
        }
    }
}
