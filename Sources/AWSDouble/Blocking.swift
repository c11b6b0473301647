import Glibc
import Synchronization

/// Waits on this thread, which must not be one of the cooperative pool, until `body` has ended.
func blocking<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) -> Value? {
    let result = BlockedResult<Value>()
    Task.detached { result.finish(with: await body()) }
    return result.wait()
}

/// A value that one thread waits for.
private final class BlockedResult<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)
    private let done = Mutex(UnsafeSemaphore())

    private struct UnsafeSemaphore: @unchecked Sendable {
        let pointer = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
    }

    init() { done.withLock { _ = sem_init($0.pointer, 0, 0) } }

    deinit {
        done.withLock { semaphore in
            sem_destroy(semaphore.pointer)
            semaphore.pointer.deallocate()
        }
    }

    func finish(with value: Value) {
        self.value.withLock { $0 = value }
        done.withLock { _ = sem_post($0.pointer) }
    }

    func wait() -> Value? {
        let pointer = done.withLock { $0 }.pointer
        while sem_wait(pointer) != 0 {}
        return value.withLock { $0 }
    }
}
