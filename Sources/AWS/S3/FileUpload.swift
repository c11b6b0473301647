import Processes
import Training
import Transport

/// One file on its way into the store.
///
/// Every request carries the SHA-256 of what it sends, which signs it anyway, so that S3 verifies
/// it on arrival at no cost of ours, keeps it, and shows it when the object is read back. (A
/// CRC would cover the object as a whole, but be one more pass over the bytes.)
struct FileUpload: Sendable {
    let bucket: Bucket
    let shape: TransferShape
    /// In the bucket, and as the caller knows it.
    let place: String
    let key: String
    let path: String
    let sha256: Digest
    let condition: WriteCondition
    /// Kept with the object: how a write whose answer was lost is known again.
    private let nonce = FileSystem.randomName()

    init(
        _ path: String, to key: String, of store: S3Store, sha256: Digest,
        if condition: WriteCondition
    ) throws(StoreFailure) {
        bucket = store.bucket
        shape = store.shape
        place = try store.place(of: key)
        self.key = key
        self.path = path
        self.sha256 = sha256
        self.condition = condition
    }

    /// How often a write that S3 puts off, for another one under way (409), is begun.
    private static let greatestRounds = 3

    /// The decisive request of an upload, and what came of it.
    private struct Written {
        /// What S3 must show of the object.
        var checksum: String
        var size: Int
        /// Nil: it took effect.
        var failure: AWSFailure?
    }

    func run() async throws(StoreFailure) -> StoredReceipt {
        var round = 1
        while true {
            let written = try await write()
            guard let failure = written.failure else {
                if let receipt = try await readBack(written) { return receipt }
                throw .conditionFailed(key: key)
            }
            if failure.isConflict, round < Self.greatestRounds {
                round += 1
                continue
            }
            let meaning = StoreFailure(failure, about: key, in: bucket)
            // Only the answer may be lost: the object tells.
            if case .unavailable = meaning, let receipt = try await readBack(written) {
                return receipt
            }
            throw meaning
        }
    }

    /// What is stored, once it is ours and was compared; nil when there is nothing of ours.
    ///
    /// Servers other than S3 may keep no checksum: then its size must do.
    private func readBack(_ written: Written) async throws(StoreFailure) -> StoredReceipt? {
        let head = try await ObjectHead.ask(bucket, place, named: key, withChecksum: true)
        guard let head, head.upload == nonce else { return nil }
        guard head.size == written.size, head.checksum ?? written.checksum == written.checksum
        else { throw .corrupt(key: key, detail: "what was stored is not what was sent") }
        return StoredReceipt(etag: head.etag)
    }

    private func write() async throws(StoreFailure) -> Written {
        var digests = try FileDigests.open(path, for: key)
        let parts = shape.parts(of: digests.size)
        guard parts[0].count <= TransferShape.greatestPart else {
            throw .local("\(path) is larger than S3 holds")
        }
        return parts.count == 1
            ? try await writeWhole(&digests) : try await write(parts, &digests)
    }

    private var metadata: [(name: String, value: String)] {
        [(name: ObjectHead.uploadHeader, value: nonce)]
    }

    private func writeWhole(_ digests: inout FileDigests) async throws(StoreFailure) -> Written {
        let size = digests.size
        let digest = try await digests.next(size)
        try digests.verify(sha256)
        let checksum = Base64.encode(digest.bytes)
        var written = Written(checksum: checksum, size: size)
        do throws(AWSFailure) {
            _ = try await bucket.send(
                .put, place,
                headers: condition.headers + metadata + [("x-amz-checksum-sha256", checksum)],
                body: .file(path: path, offset: 0, length: size, sha256: digest),
                retries: condition.retries, deadline: TransferShape.deadline(of: size))
        } catch {
            written.failure = error
        }
        return written
    }

    private func write(
        _ ranges: [Range<Int>], _ digests: inout FileDigests
    ) async throws(StoreFailure) -> Written {
        let upload: MultipartUpload
        do throws(AWSFailure) {
            upload = try await MultipartUpload(in: bucket, at: place, headers: metadata)
        } catch {
            throw StoreFailure(error, about: key, in: bucket)
        }
        do throws(StoreFailure) {
            let parts = try await send(ranges, &digests, to: upload)
            try digests.verify(sha256)
            var written = Written(
                checksum: MultipartUpload.checksum(of: parts), size: digests.size)
            do throws(AWSFailure) {
                try await upload.complete(parts, size: digests.size, if: condition)
            } catch {
                written.failure = error
                // From here on a completion without an answer has happened, or never will.
                await upload.abort()
            }
            return written
        } catch {
            await upload.abort()
            throw error
        }
    }

    /// Sends every part, several at once, each as soon as it is digested.
    private func send(
        _ ranges: [Range<Int>], _ digests: inout FileDigests, to upload: MultipartUpload
    ) async throws(StoreFailure) -> [MultipartUpload.Part] {
        let outcome = await withTaskGroup(
            of: Result<MultipartUpload.Part, StoreFailure>.self,
            returning: Result<[MultipartUpload.Part], StoreFailure>.self
        ) { group in
            do throws(StoreFailure) {
                var parts: [MultipartUpload.Part] = []
                for (index, range) in ranges.enumerated() {
                    if index >= shape.parallel, let part = await group.next() {
                        parts.append(try part.get())
                    }
                    let digest = try await digests.next(range.count)
                    group.addTask {
                        await send(index + 1, range, digest, to: upload)
                    }
                }
                while let part = await group.next() { parts.append(try part.get()) }
                return .success(parts.sorted { $0.number < $1.number })
            } catch {
                group.cancelAll()
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    private func send(
        _ number: Int, _ range: Range<Int>, _ digest: Digest, to upload: MultipartUpload
    ) async -> Result<MultipartUpload.Part, StoreFailure> {
        do throws(StoreFailure) {
            let part = try await shape.patiently { () async throws(StoreFailure) in
                do throws(AWSFailure) {
                    return try await upload.send(number, range, of: path, digest: digest)
                } catch {
                    throw StoreFailure(error, about: key, in: bucket)
                }
            }
            return .success(part)
        } catch {
            return .failure(error)
        }
    }
}

extension AWSFailure {
    /// Another write of the same key was under way.
    fileprivate var isConflict: Bool {
        if case .refused(let error) = self {
            error.code == "ConditionalRequestConflict"
        } else {
            false
        }
    }
}
