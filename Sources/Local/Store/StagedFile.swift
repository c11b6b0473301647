import Glibc
import Processes
import Training

/// Bytes on their way to become an object: a locked temporary file, removed unless it was moved.
///
/// The lock tells a living writer from a dead one.
struct StagedFile: ~Copyable {
    let path: String
    private let file: OpenFile
    private let lock: FileLock

    /// No writer takes longer from making its file to locking it.
    private static let youngest = Int64(60_000)

    static func make(in directory: String) throws(StoreFailure) -> StagedFile {
        do throws(FileFailure) {
            let path = "\(directory)/\(FileSystem.randomName())"
            let file = try OpenFile(path, .create)
            guard let lock = try FileLock.attempt(path) else {
                throw FileFailure("lock", path, code: EAGAIN)
            }
            return StagedFile(path: path, file: file, lock: lock)
        } catch {
            throw StoreFailure(error)
        }
    }

    private init(path: String, file: consuming OpenFile, lock: consuming FileLock) {
        self.path = path
        self.file = file
        self.lock = lock
    }

    deinit { _ = try? FileSystem.remove(path) }

    func write(_ bytes: [UInt8]) throws(FileFailure) {
        try file.write(bytes)
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(FileFailure) {
        try file.write(bytes)
    }

    /// Puts the bytes on the disk, with the given time of modification.
    func finish(modified nanoseconds: Int64) throws(FileFailure) -> FileStatus {
        try file.setModified(nanoseconds: nanoseconds)
        try file.synchronize()
        return try file.status()
    }

    /// Removes the files of writers that have died.
    static func removeLeftovers(in directory: String) throws(FileFailure) {
        let now = SystemClock().now().milliseconds
        for name in try FileSystem.list(directory) ?? [] {
            let path = "\(directory)/\(name)"
            guard let status = try FileSystem.status(path, followsLinks: false),
                status.modified < now - youngest, try !FileLock.isHeld(path)
            else { continue }
            try FileSystem.remove(path)
        }
    }
}
