import Glibc
import Training

/// A file lock that keeps two processes from changing one cache at once; ends with this value or
/// the process.
final class CacheLock {
    private let file: Int32

    /// Waits as long as the fetch may take; throws `.unreachable` then.
    init(_ path: String, _ control: FetchControl) throws(SourceFailure) {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw .unreachable("the cache \(path) cannot be opened: \(CacheLock.reason(errno))")
        }
        do {
            while flock(file, LOCK_EX | LOCK_NB) != 0 {
                try control.check()
                usleep(20_000)
            }
        } catch {
            close(file)
            throw error
        }
        // Last, since a class that is whole is released by its deinit even when init throws.
        self.file = file
    }

    deinit { close(file) }

    static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
