import Glibc
package import Training

/// What one pass over all bytes of a file showed.
package struct FileProof: Hashable, Sendable {
    package var sha256: Digest
    /// Of the sums that the file keeps of itself; nil when it keeps none.
    package var records: RecordSums.Verdict?

    package init(sha256: Digest, records: RecordSums.Verdict? = nil) {
        self.sha256 = sha256
        self.records = records
    }

    /// The proof of a file that stands in memory.
    package init(of bytes: [UInt8], proving sums: RecordSums?) {
        var sums = sums
        bytes.withUnsafeBytes { sums?.update($0) }
        self.init(sha256: Digest(of: bytes), records: sums?.verdict())
    }
}

/// One pass over a file that must stay as it was seen.
package enum FileReading {
    /// Why a file was not read to its end.
    package enum Failure: Error, Hashable, Sendable {
        /// The file is not the one that was seen, or is being written.
        case changed
        case cancelled
        case local(LocalFiles.Failure)
    }

    /// Bytes between two chances for other work and for cancellation.
    private static let chunk = 1 << 20

    /// Digests a file, proves its sums, and copies it to `copy` when that is given; `.changed`
    /// unless it stands as `facts` say before and after, or where a symbolic link stands in the
    /// way.
    static func read(
        _ facts: FileFacts, in directory: WorkingDirectory, proving sums: RecordSums?,
        copyingTo copy: String?
    ) async throws(Failure) -> FileProof {
        let path = directory.absolute(facts.path)
        let file: Int32
        do throws(LocalFiles.Failure) {
            file = try directory.open(facts.path)
        } catch {
            throw error.isAbsence || error.isLoop ? .changed : .local(error)
        }
        defer { close(file) }
        try check(file, path, facts)
        let target = try copy.map(create)
        defer { if let target { close(target) } }

        var pass = ContentPass(sums)
        var total = 0
        var buffer = [UInt8](repeating: 0, count: chunk)
        while true {
            let count = Glibc.read(file, &buffer, chunk)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .local(LocalFiles.Failure(path)) }
            if count == 0 { break }
            total += count
            guard total <= facts.size else { throw .changed }
            await pass.update(buffer, count)
            if let target, let copy { try write(buffer, count, to: target, copy) }
            if Task.isCancelled { throw .cancelled }
            await Task.yield()
        }
        guard total == facts.size else { throw .changed }
        try check(file, path, facts)
        // The open file may have been renamed over meanwhile: then it is not what the path holds.
        guard let now = try? directory.status(facts.path), now.isOf(facts) else { throw .changed }
        return pass.finish()
    }

    private static func check(
        _ file: Int32, _ path: String, _ facts: FileFacts
    ) throws(Failure) {
        var status = stat()
        guard fstat(file, &status) == 0 else { throw .local(LocalFiles.Failure(path)) }
        guard LocalFiles.Status(status).isOf(facts) else { throw .changed }
    }

    private static func create(_ path: String) throws(Failure) -> Int32 {
        let target = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard target >= 0 else { throw .local(LocalFiles.Failure(path)) }
        return target
    }

    private static func write(
        _ buffer: [UInt8], _ count: Int, to target: Int32, _ path: String
    ) throws(Failure) {
        var written = 0
        while written < count {
            let more = buffer.withUnsafeBytes {
                Glibc.write(target, $0.baseAddress?.advanced(by: written), count - written)
            }
            if more < 0 && errno == EINTR { continue }
            guard more > 0 else { throw .local(LocalFiles.Failure(path)) }
            written += more
        }
    }
}

/// The digest and the checksums of bytes that come in pieces: side by side, since either alone
/// nearly takes a core.
private struct ContentPass {
    private var digest = DigestStream()
    private var sums: RecordSums?

    init(_ sums: RecordSums?) {
        self.sums = sums
    }

    mutating func update(_ buffer: [UInt8], _ count: Int) async {
        async let proved = ContentPass.prove(sums, buffer, count)
        buffer.withUnsafeBytes { digest.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        sums = await proved
    }

    @concurrent
    private static func prove(
        _ sums: RecordSums?, _ buffer: [UInt8], _ count: Int
    ) async -> RecordSums? {
        guard var sums else { return nil }
        buffer.withUnsafeBytes { sums.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        return sums
    }

    func finish() -> FileProof {
        FileProof(sha256: digest.finish(), records: sums?.verdict())
    }
}
