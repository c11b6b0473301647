import Glibc
import Training

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

    /// Digests a file, and copies it to `copy` when that is given; `.changed` unless it stands as
    /// `facts` say before and after, or where a symbolic link stands in the way.
    static func digest(
        _ facts: FileFacts, in directory: WorkingDirectory, copyingTo copy: String? = nil
    ) async throws(Failure) -> Digest {
        let path = directory.absolute(facts.path)
        let file: Int32
        do throws(LocalFiles.Failure) {
            file = try directory.open(facts.path)
        } catch {
            throw error.isAbsence || error.code == ELOOP ? .changed : .local(error)
        }
        defer { close(file) }
        try check(file, path, facts)
        let target = try copy.map(create)
        defer { if let target { close(target) } }

        var digest = DigestStream()
        var total = 0
        var buffer = [UInt8](repeating: 0, count: chunk)
        while true {
            let count = read(file, &buffer, chunk)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .local(LocalFiles.Failure(path)) }
            if count == 0 { break }
            total += count
            guard total <= facts.size else { throw .changed }
            buffer.withUnsafeBytes { digest.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            if let target, let copy { try write(buffer, count, to: target, copy) }
            if Task.isCancelled { throw .cancelled }
            await Task.yield()
        }
        guard total == facts.size else { throw .changed }
        try check(file, path, facts)
        // The open file may have been renamed over meanwhile: then it is not what the path holds.
        guard let now = try? directory.status(facts.path), now.isOf(facts) else { throw .changed }
        return digest.finish()
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
