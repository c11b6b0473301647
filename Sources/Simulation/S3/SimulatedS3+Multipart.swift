package import Training

extension SimulatedS3 {
    /// A multipart upload that is under way.
    package struct Upload: Hashable, Sendable {
        package let id: String
        package let write: Write
        package let started: Timestamp
        /// What its parts are summed by; nil: nothing was said.
        package var algorithm: ContentChecksum.Algorithm?
        /// The whole is summed over bytes, not over the parts' sums.
        package var isFullChecksum: Bool
        package var parts: [Int: Part] = [:]
    }

    package struct Part: Hashable, Sendable {
        package var number: Int
        package var content: StoredContent
        package var etag: String
        package var checksum: ContentChecksum?
        package var lastModified: Timestamp
    }

    /// A part as CompleteMultipartUpload lists it.
    package struct PartReference: Hashable, Sendable {
        package var number: Int
        package var etag: String
        package var checksum: ContentChecksum?

        package init(number: Int, etag: String, checksum: ContentChecksum? = nil) {
            self.number = number
            self.etag = etag
            self.checksum = checksum
        }
    }

    /// `write.checksum` is not read here; conditions are checked when it completes.
    package mutating func createMultipartUpload(
        _ write: Write, algorithm: ContentChecksum.Algorithm?, isFullChecksum: Bool,
        at now: Timestamp
    ) throws(CloudFailure) -> Upload {
        try checkKey(write.key)
        _ = try bucket(write.bucket)
        if algorithm == .sha256 && isFullChecksum {
            throw CloudFailure(
                "InvalidRequest", "The FULL_OBJECT checksum type cannot be used with sha256.")
        }
        let upload = Upload(
            id: generator.hex(32), write: write, started: now, algorithm: algorithm,
            isFullChecksum: isFullChecksum || algorithm == .crc64nvme)
        buckets[write.bucket]?.uploads[upload.id] = upload
        return upload
    }

    package mutating func uploadPart(
        _ bucket: String, _ key: String, upload id: String, number: Int, _ content: StoredContent,
        checksum: ContentChecksum? = nil, at now: Timestamp
    ) throws(CloudFailure) -> Part {
        let upload = try upload(bucket, key, id)
        guard (1...10_000).contains(number) else {
            throw CloudFailure(
                "InvalidArgument",
                "Part number must be an integer between 1 and 10000, inclusive")
        }
        if let wanted = upload.algorithm, let given = checksum?.algorithm, wanted != given {
            throw CloudFailure(
                "InvalidRequest",
                "Checksum Type mismatch occurred, expected checksum Type: \(wanted.rawValue), "
                    + "actual checksum Type: \(given.rawValue)")
        }
        var kept: ContentChecksum?
        if let checksum {
            try verify(checksum, of: content)
            kept = checksum
        } else if let algorithm = upload.algorithm {
            kept = ContentChecksum(algorithm, of: content)
        }
        let part = Part(
            number: number, content: content, etag: String(content.sha256.hex.prefix(32)),
            checksum: kept, lastModified: now.inWholeSeconds)
        buckets[bucket]?.uploads[id]?.parts[number] = part
        return part
    }

    /// Up to 1,000 parts behind `marker`, by number.
    package func listParts(
        _ bucket: String, _ key: String, upload id: String, after marker: Int = 0
    ) throws(CloudFailure) -> (upload: Upload, parts: [Part], isTruncated: Bool) {
        let upload = try upload(bucket, key, id)
        let later = upload.parts.values.filter { $0.number > marker }
            .sorted { $0.number < $1.number }
        return (upload, Array(later.prefix(1000)), later.count > 1000)
    }

    package mutating func abortMultipartUpload(
        _ bucket: String, _ key: String, upload id: String
    ) throws(CloudFailure) {
        _ = try upload(bucket, key, id)
        buckets[bucket]?.uploads[id] = nil
    }

    /// Uploads that are under way, by key and id.
    package func listMultipartUploads(
        _ bucket: String, prefix: String = ""
    ) throws(CloudFailure) -> [Upload] {
        try self.bucket(bucket).uploads.values.filter { $0.write.key.hasPrefix(prefix) }
            .sorted { ($0.write.key, $0.id) < ($1.write.key, $1.id) }
    }

    /// Makes the object of its parts, under the conditions of `write`; `write.checksum` is what the
    /// client says of the whole.
    ///
    /// A condition that fails leaves the upload as it was.
    package mutating func completeMultipartUpload(
        _ write: Write, upload id: String, parts listed: [PartReference], at now: Timestamp
    ) throws(CloudFailure) -> Object {
        let upload = try upload(write.bucket, write.key, id)
        let usual = try bucket(write.bucket).encryption
        let parts = try chosen(listed, of: upload)
        var content = StoredContent()
        for part in parts { content.append(part.content) }
        let checksum = try wholeChecksum(write.checksum, of: content, parts, upload)
        try checkConditions(write)
        let sum = Digest(of: parts.map(\.etag).joined()).hex.prefix(32)
        let object = Object(
            key: write.key, content: content, etag: "\(sum)-\(parts.count)",
            lastModified: now.inWholeSeconds,
            contentType: upload.write.contentType, metadata: upload.write.metadata,
            encryption: upload.write.encryption ?? usual, kmsKey: upload.write.kmsKey,
            givenChecksum: checksum,
            isFullChecksum: upload.isFullChecksum)
        buckets[write.bucket]?.store(object)
        buckets[write.bucket]?.uploads[id] = nil
        return object
    }

    // MARK: Checks

    private func upload(
        _ bucket: String, _ key: String, _ id: String
    ) throws(CloudFailure) -> Upload {
        guard let upload = try self.bucket(bucket).uploads[id], upload.write.key == key else {
            throw CloudFailure(
                status: 404, "NoSuchUpload",
                "The specified upload does not exist. The upload ID may be invalid, or the "
                    + "upload may have been aborted or completed.")
        }
        return upload
    }

    private func chosen(
        _ listed: [PartReference], of upload: Upload
    ) throws(CloudFailure) -> [Part] {
        guard !listed.isEmpty else {
            throw CloudFailure("MalformedXML", "The XML you provided was not well-formed")
        }
        guard zip(listed, listed.dropFirst()).allSatisfy({ $0.number < $1.number }) else {
            throw CloudFailure(
                "InvalidPartOrder", "The list of parts was not in ascending order.")
        }
        var parts: [Part] = []
        for reference in listed {
            guard let part = upload.parts[reference.number], part.etag == reference.etag,
                reference.checksum == nil || reference.checksum == part.checksum
            else {
                throw CloudFailure(
                    "InvalidPart", "One or more of the specified parts could not be found.")
            }
            parts.append(part)
        }
        guard parts.dropLast().allSatisfy({ $0.content.count >= leastPartSize }) else {
            throw CloudFailure(
                "EntityTooSmall",
                "Your proposed upload is smaller than the minimum allowed size")
        }
        return parts
    }

    private func wholeChecksum(
        _ declared: ContentChecksum?, of content: StoredContent, _ parts: [Part],
        _ upload: Upload
    ) throws(CloudFailure) -> ContentChecksum? {
        guard let algorithm = upload.algorithm else {
            try verify(declared, of: content)
            return declared
        }
        if upload.isFullChecksum {
            try verify(declared, of: content)
            return declared ?? ContentChecksum(algorithm, of: content)
        }
        let whole = ContentChecksum.composite(
            algorithm, of: parts.compactMap { $0.checksum?.value })
        // Clients may leave the count of parts out.
        let short = whole?.value.split(separator: "-").first.map(String.init)
        guard declared == nil || declared?.value == whole?.value || declared?.value == short
        else {
            throw CloudFailure(
                "BadDigest",
                "The \(algorithm.rawValue) you specified did not match the calculated checksum.")
        }
        return whole
    }
}
