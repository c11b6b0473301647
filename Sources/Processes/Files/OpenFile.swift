import CLinux
import Glibc

/// An open file, closed when it goes out of scope; never inherited by a child.
package struct OpenFile: ~Copyable, Sendable {
    package let descriptor: Int32
    package let path: String

    package enum Mode: Sendable {
        case read
        /// Creates the file; it must not exist.
        case create
        /// Creates the file if needed; every write goes to its end.
        case append
        /// Creates the file if needed; opens for reading and writing, keeps what it holds.
        case update
    }

    /// Opens without following a symbolic link in the last part when `followsLinks` is false.
    package init(
        _ path: String, _ mode: Mode, permissions: UInt32 = 0o644, followsLinks: Bool = true
    ) throws(FileFailure) {
        var flags: Int32 =
            switch mode {
            case .read: O_RDONLY
            case .create: O_WRONLY | O_CREAT | O_EXCL
            case .append: O_WRONLY | O_CREAT | O_APPEND
            case .update: O_RDWR | O_CREAT
            }
        if !followsLinks { flags |= O_NOFOLLOW }
        let descriptor = holdfast_open(path, flags, permissions)
        guard descriptor >= 0 else { throw .last("open", path) }
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    /// Reads up to the buffer's size; 0 at the end of the file.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileFailure) -> Int {
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            if errno != EINTR { throw .last("read", path) }
        }
    }

    /// Everything from here to the end; throws `EFBIG` beyond `limit` bytes.
    package func readAll(limit: Int) throws(FileFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65536, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = try read(into: buffer)
            if count == 0 { return bytes }
            guard bytes.count + count <= limit else {
                throw FileFailure("read all of", path, code: EFBIG)
            }
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer.prefix(count)))
        }
    }

    /// Writes every byte.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(FileFailure) {
        var rest = bytes
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw .last("write", path) }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        }
    }

    /// Writes every byte.
    package func write(_ bytes: [UInt8]) throws(FileFailure) {
        var failure: FileFailure?
        bytes.withUnsafeBytes { buffer in
            do throws(FileFailure) { try write(buffer) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// Waits until the bytes are on the disk.
    package func synchronize() throws(FileFailure) {
        guard fsync(descriptor) == 0 else { throw .last("sync", path) }
    }

    /// Sets the time of modification; access time is left alone.
    package func setModified(nanoseconds: Int64) throws(FileFailure) {
        guard holdfast_set_modified(descriptor, nanoseconds) == 0 else {
            throw .last("set the time of", path)
        }
    }

    /// What the file is now.
    package func status() throws(FileFailure) -> FileStatus {
        var raw = stat()
        guard fstat(descriptor, &raw) == 0 else { throw .last("look at", path) }
        return FileStatus(raw)
    }
}
