import Glibc
import Processes
import Training

import struct Crypto.SHA256

/// Streams a file in pieces of 1 MiB; gives how many bytes there were and their digest.
///
/// Stops with at most one piece more than `bound`. Other tasks get their turn between pieces.
func hashedCopy(
    _ source: String, upTo bound: Int,
    to write: (UnsafeRawBufferPointer) throws(FileFailure) -> Void
) async throws(StoreFailure) -> (count: Int, digest: Digest) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
    defer { buffer.deallocate() }
    var hasher = SHA256()
    var total = 0
    do throws(FileFailure) {
        let file = try OpenFile(source, .read)
        while true {
            let count = try file.read(into: buffer)
            if count == 0 || total > bound { break }
            let piece = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            hasher.update(bufferPointer: piece)
            try write(piece)
            total += count
            await Task.yield()
            guard !Task.isCancelled else { throw FileFailure("copy", source, code: ECANCELED) }
        }
    } catch {
        if error.code == ECANCELED { throw .unavailable("the copy was cancelled") }
        throw StoreFailure(error)
    }
    return (total, Digest(finishing: hasher))
}
