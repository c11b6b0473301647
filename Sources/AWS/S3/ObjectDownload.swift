import Processes
import Training
import Transport

/// One object on its way into a new file, in ranges of one version of it.
struct ObjectDownload: Sendable {
    let bucket: Bucket
    let shape: TransferShape
    /// In the bucket; the summary has the key as the caller knows it.
    let place: String
    let summary: StoredSummary

    /// Writes beside `path`, and gives the digest of what was written.
    ///
    /// Only what `accept` takes, and what is on the disk, gets the name.
    /// `progress` is told how many bytes were written since it was last told.
    @discardableResult
    func run(
        to path: String, progress: @Sendable (Int) -> Void = { _ in },
        accept: (Digest) throws(StoreFailure) -> Void
    ) async throws(StoreFailure) -> Digest {
        let temporary = "\(path).tmp-\(FileSystem.randomName())"
        defer { _ = try? FileSystem.remove(temporary) }
        let file: OpenFile
        do throws(FileFailure) {
            file = try OpenFile(temporary, .create)
        } catch {
            throw StoreFailure(reading: error)
        }
        let digest = try await copy(to: file, progress)
        try accept(digest)
        do throws(FileFailure) {
            try file.synchronize()
            try FileSystem.rename(temporary, to: path)
        } catch {
            throw StoreFailure(reading: error)
        }
        return digest
    }

    /// Fetches several ranges at once and writes them in order, since only so can they be digested
    /// as they come; a range that came early waits, and counts as one of those under way.
    private func copy(
        to file: borrowing OpenFile, _ progress: @Sendable (Int) -> Void
    ) async throws(StoreFailure) -> Digest {
        var digest = DigestStream()
        let ranges = shape.ranges(of: summary.size)
        let failure = await withTaskGroup(
            of: (Int, Result<[UInt8], StoreFailure>).self, returning: StoreFailure?.self
        ) { group in
            var early: [Int: [UInt8]] = [:]
            var begun = 0
            var written = 0
            do throws(StoreFailure) {
                while written < ranges.count {
                    while begun < min(ranges.count, written + shape.parallel) {
                        let index = begun
                        begun += 1
                        group.addTask { (index, await fetch(ranges[index])) }
                    }
                    guard let (index, piece) = await group.next() else { break }
                    early[index] = try piece.get()
                    while let bytes = early.removeValue(forKey: written) {
                        bytes.withUnsafeBytes { digest.update($0) }
                        try write(bytes, to: file)
                        written += 1
                        progress(bytes.count)
                    }
                }
                return nil
            } catch {
                group.cancelAll()
                return error
            }
        }
        if let failure { throw failure }
        return digest.finish()
    }

    private func write(
        _ bytes: [UInt8], to file: borrowing OpenFile
    ) throws(StoreFailure) {
        do throws(FileFailure) { try file.write(bytes) } catch {
            throw StoreFailure(reading: error)
        }
    }

    private func fetch(_ range: Range<Int>) async -> Result<[UInt8], StoreFailure> {
        do throws(StoreFailure) {
            return .success(
                try await shape.patiently { () async throws(StoreFailure) in
                    try await fetchOnce(range)
                })
        } catch {
            return .failure(error)
        }
    }

    private func fetchOnce(_ range: Range<Int>) async throws(StoreFailure) -> [UInt8] {
        do throws(AWSFailure) {
            let answer = try await bucket.send(
                .get, place,
                headers: [
                    (name: "Range", value: "bytes=\(range.lowerBound)-\(range.upperBound - 1)"),
                    (name: "If-Match", value: summary.etag.text),
                ],
                deadline: TransferShape.deadline(of: range.count),
                responseLimit: max(range.count, Bucket.errorLimit))
            guard answer.body.count == range.count else {
                throw .unanswered("a range came with \(answer.body.count) bytes")
            }
            return answer.body
        } catch {
            switch error.status {
            case 404 where error.isMissingObject, 412, 416:
                throw .corrupt(key: summary.key, detail: "it was replaced while it was read")
            default: throw StoreFailure(error, about: summary.key, in: bucket)
            }
        }
    }
}
