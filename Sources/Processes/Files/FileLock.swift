import CLinux
import Glibc

/// An exclusive lock on a file between processes, and between holders within one.
///
/// Held until it goes out of scope, or its process ends in any way: which makes it a sign of
/// life. A child never inherits it. The file stays; removing a locked file would give two locks.
package struct FileLock: ~Copyable, Sendable {
    private let file: OpenFile

    /// Takes the lock if it is free; nil when another holds it.
    package static func attempt(_ path: String) throws(FileFailure) -> FileLock? {
        let file = try OpenFile(path, .update)
        while holdfast_lock(file.descriptor) != 0 {
            if errno == EINTR { continue }
            if errno == EAGAIN || errno == EACCES { return nil }
            throw .last("lock", path)
        }
        return FileLock(file: file)
    }

    /// Waits for the lock without blocking a thread; nil when `span` passed first or the task was
    /// cancelled.
    package static func acquire(
        _ path: String, within span: Duration
    ) async throws(FileFailure) -> FileLock? {
        let deadline = ContinuousClock.now + span
        var pause = Duration.milliseconds(1)
        while true {
            if let lock = try attempt(path) { return lock }
            guard ContinuousClock.now < deadline, !Task.isCancelled else { return nil }
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(20))
        }
    }

    /// Whether anyone holds the lock now, without touching it; false when there is no file.
    package static func isHeld(_ path: String) throws(FileFailure) -> Bool {
        do throws(FileFailure) {
            let file = try OpenFile(path, .read)
            let answer = holdfast_is_locked(file.descriptor)
            guard answer >= 0 else { throw .last("look at the lock", path) }
            return answer == 1
        } catch {
            if error.isMissing { return false }
            throw error
        }
    }

    private init(file: consuming OpenFile) {
        self.file = file
    }
}
