import Synchronization

/// The one thread of a world: runs every job of its asynchronous code in the order in which they
/// became ready.
///
/// Production code waits for its ports with `await`; in a world every continuation is resumed by
/// an event of the agenda, on this lane. So one seed gives one order, and a whole fleet of
/// processes runs on the thread that calls `drain`.
final class Lane: TaskExecutor {
    private struct Queue {
        var jobs: [UnownedJob] = []
        var next = 0
    }

    private let queue = Mutex(Queue())

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.withLock { $0.jobs.append(job) }
    }

    /// Runs what is ready, and what becomes ready by that, until nothing is.
    func drain() {
        let executor = asUnownedTaskExecutor()
        while let job = takeFirst() { job.runSynchronously(on: executor) }
    }

    private func takeFirst() -> UnownedJob? {
        queue.withLock { queue in
            guard queue.next < queue.jobs.count else {
                queue.jobs.removeAll(keepingCapacity: true)
                queue.next = 0
                return nil
            }
            defer { queue.next += 1 }
            return queue.jobs[queue.next]
        }
    }
}
