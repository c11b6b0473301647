import Glibc
import Training

/// The bytes of one file, read where its format keeps its structure.
package protocol FileBytes: Sendable {
    /// Bytes.
    var size: Int { get }

    /// Up to `count` bytes from `offset` on; fewer only at the end of the file.
    func read(_ count: Int, at offset: Int) throws(LocalFiles.Failure) -> [UInt8]
}

extension FileBytes {
    /// Exactly the bytes of a range, which a format says are there.
    func bytes(_ count: Int, at offset: Int) throws(FormatFlaw) -> ByteFields {
        guard count >= 0, offset >= 0, offset <= size, count <= size - offset else {
            throw .incomplete("it ends at byte \(size), before what it announces")
        }
        let bytes: [UInt8]
        do throws(LocalFiles.Failure) {
            bytes = try read(count, at: offset)
        } catch {
            throw FormatFlaw(.readable, "\(error)")
        }
        guard bytes.count == count else { throw .incomplete("it became shorter") }
        return ByteFields(bytes)
    }
}

/// An open file of this machine; closed when nobody holds it any more.
final class FileOnDisk: FileBytes {
    let size: Int
    private let descriptor: Int32
    private let path: String

    /// Takes over `descriptor`; `path` is for people.
    init(owning descriptor: Int32, _ path: String) throws(LocalFiles.Failure) {
        self.descriptor = descriptor
        self.path = path
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let failure = LocalFiles.Failure(path)
            size = 0
            throw failure
        }
        size = Int(status.st_size)
    }

    deinit { close(descriptor) }

    func read(_ count: Int, at offset: Int) throws(LocalFiles.Failure) -> [UInt8] {
        var failure: Int32?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
            while done < count {
                let more = pread(
                    descriptor, buffer.baseAddress?.advanced(by: done), count - done,
                    off_t(offset + done))
                if more < 0 && errno == EINTR { continue }
                if more < 0 { failure = errno }
                guard more > 0 else { break }
                done += more
            }
        }
        if let failure { throw LocalFiles.Failure(path, failure) }
        return bytes
    }
}

/// A file that stands in memory.
package struct HeldBytes: FileBytes {
    private let held: [UInt8]

    package init(_ bytes: [UInt8]) {
        held = bytes
    }

    package var size: Int { held.count }

    package func read(_ count: Int, at offset: Int) throws(LocalFiles.Failure) -> [UInt8] {
        Array(held.dropFirst(offset).prefix(count))
    }
}

/// Little-endian numbers in a few bytes of a file.
struct ByteFields {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var count: Int { bytes.count }

    /// The number of `width` bytes, at most 8, at `offset`; the caller knows that it is there.
    func number(_ width: Int, at offset: Int) -> UInt64 {
        bytes[offset..<(offset + width)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The same as a size or an offset; nil when it fits in no file.
    func place(_ width: Int, at offset: Int) -> Int? { Int(exactly: number(width, at: offset)) }

    func starts(with signature: [UInt8], at offset: Int = 0) -> Bool {
        bytes.count >= offset + signature.count
            && bytes[offset..<(offset + signature.count)].elementsEqual(signature)
    }
}
