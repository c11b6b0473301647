import Glibc
import Processes
import Training

/// One pass over a file to send: the digest of each part in its order, and of the whole.
///
/// The parts' digests sign the requests and are what S3 verifies and keeps; the whole's is the
/// promise to the caller; both come from one read. What the file holds when it is sent is S3's to
/// compare.
struct FileDigests: ~Copyable {
    let size: Int
    private let path: String
    private let key: String
    private let file: OpenFile
    private var whole = DigestStream()

    static func open(_ path: String, for key: String) throws(StoreFailure) -> FileDigests {
        do throws(FileFailure) {
            let file = try OpenFile(path, .read)
            let status = try file.status()
            guard status.kind == .file else { throw FileFailure("read", path, code: EISDIR) }
            return FileDigests(size: status.size, path: path, key: key, file: file)
        } catch {
            throw StoreFailure(reading: error)
        }
    }

    private init(size: Int, path: String, key: String, file: consuming OpenFile) {
        self.size = size
        self.path = path
        self.key = key
        self.file = file
    }

    /// Of the next `count` bytes; other tasks get their turn while it reads.
    mutating func next(_ count: Int) async throws(StoreFailure) -> Digest {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
        defer { buffer.deallocate() }
        var part = DigestStream()
        var rest = count
        while rest > 0 {
            let piece: UnsafeRawBufferPointer
            do throws(FileFailure) {
                let slice = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(rest))
                piece = UnsafeRawBufferPointer(rebasing: slice.prefix(try file.read(into: slice)))
            } catch {
                throw StoreFailure(reading: error)
            }
            guard !piece.isEmpty else {
                throw .corrupt(key: key, detail: "\(path) became shorter while it was read")
            }
            part.update(piece)
            whole.update(piece)
            rest -= piece.count
            await Task.yield()
            guard !Task.isCancelled else { throw .unavailable("the upload was cancelled") }
        }
        return part.finish()
    }

    /// Throws `.corrupt` unless all that was read has the digest `promised`.
    func verify(_ promised: Digest) throws(StoreFailure) {
        guard whole.finish() == promised else {
            throw .corrupt(key: key, detail: "\(path) has other bytes than promised")
        }
    }

}

extension StoreFailure {
    /// What a refusal of this machine's file system means to the caller of a store.
    init(reading failure: FileFailure) {
        self = .local("\(failure)")
    }
}
