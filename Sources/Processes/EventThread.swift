import CLinux
import Glibc
import Synchronization

/// The one thread that waits for descriptors and forks, so that no thread of the cooperative pool
/// ever blocks on a child.
///
/// It lives as long as the process: a parent-death signal is tied to the life of the forking
/// thread, and pool threads come and go.
final class EventThread: Sendable {
    static let shared = EventThread()

    private struct Waiter {
        var descriptor: Int32
        var deadline: ContinuousClock.Instant?
        var continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var waiters: [UInt64: Waiter] = [:]
        var jobs: [@Sendable () -> Void] = []
        var nextID: UInt64 = 0
    }

    private let state = Mutex(State())
    /// An eventfd; written to whenever `state` gets something new.
    private let wake: Int32

    private init() {
        wake = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        precondition(wake >= 0, "no descriptor is left for the event thread")
        var thread = pthread_t()
        let failure = pthread_create(&thread, nil, { _ in EventThread.shared.loop() }, nil)
        precondition(failure == 0, "no thread can be made")
        pthread_detach(thread)
    }

    /// Waits until `descriptor` is readable; false when `span` passed or the task was cancelled.
    ///
    /// The descriptor must stay open meanwhile.
    func readable(_ descriptor: Int32, within span: Duration?) async -> Bool {
        let deadline = span.map { ContinuousClock.now + $0 }
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let waiter = Waiter(
                    descriptor: descriptor, deadline: deadline, continuation: continuation)
                let accepted = state.withLock { state in
                    // A cancellation from here on finds the waiter; an earlier one shows here.
                    if Task.isCancelled { return false }
                    state.waiters[id] = waiter
                    return true
                }
                if accepted { ring() } else { continuation.resume(returning: false) }
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiters.removeValue(forKey: id) }
            waiter?.continuation.resume(returning: false)
        }
    }

    /// Runs `work`, which may block shortly, on the thread.
    func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            state.withLock { $0.jobs.append { continuation.resume(returning: work()) } }
            ring()
        }
    }

    private func ring() {
        var one: UInt64 = 1
        _ = write(wake, &one, MemoryLayout<UInt64>.size)
    }

    private func loop() -> Never {
        while true {
            let (jobs, waiters) = state.withLock { state in
                let jobs = state.jobs
                state.jobs = []
                return (jobs, state.waiters.sorted { $0.key < $1.key })
            }
            for job in jobs { job() }
            if jobs.isEmpty { wait(for: waiters.map { ($0.key, $0.value) }) }
        }
    }

    private func wait(for waiters: [(id: UInt64, waiter: Waiter)]) {
        var polled = [pollfd(fd: wake, events: Int16(POLLIN), revents: 0)]
        for entry in waiters {
            polled.append(
                pollfd(fd: entry.waiter.descriptor, events: Int16(POLLIN), revents: 0))
        }
        let next = waiters.compactMap(\.waiter.deadline).min()
        let left = next.map { max(0, min(60_000, milliseconds($0 - .now) + 1)) } ?? 60_000
        _ = poll(&polled, nfds_t(polled.count), Int32(left))
        if polled[0].revents != 0 {
            var count: UInt64 = 0
            _ = read(wake, &count, MemoryLayout<UInt64>.size)
        }
        let now = ContinuousClock.now
        for (index, entry) in waiters.enumerated() {
            let ready = polled[index + 1].revents != 0
            let late = entry.waiter.deadline.map { $0 <= now } ?? false
            guard ready || late else { continue }
            let waiter = state.withLock { $0.waiters.removeValue(forKey: entry.id) }
            waiter?.continuation.resume(returning: ready)
        }
    }

    private func milliseconds(_ span: Duration) -> Int {
        Int(span.components.seconds * 1000 + span.components.attoseconds / 1_000_000_000_000_000)
    }
}

/// Waits until a descriptor can be read without blocking (data, end of file or an error); false
/// when `span` passed first or the task was cancelled.
///
/// Keep it open meanwhile.
package func isReadable(_ descriptor: Int32, within span: Duration?) async -> Bool {
    await EventThread.shared.readable(descriptor, within: span)
}
