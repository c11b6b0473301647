import Training
import Transport

/// A serial executor with a thread of its own: libgit2 blocks, and must neither hold up the
/// cooperative pool nor be called from two threads at once.
final class SerialThread: SerialExecutor {
    private struct Work {
        let job: UnownedJob
        let executor: UnownedSerialExecutor
    }

    private struct Queue {
        var work: [Work] = []
        var isClosed = false
    }

    private enum Step {
        case run([Work])
        case end
    }

    private let queue = Monitor(Queue())

    init() throws(SourceFailure) {
        let started = Thread.start { [queue] in
            while case .run(let batch) = queue.wait(until: SerialThread.next) {
                for work in batch { work.job.runSynchronously(on: work.executor) }
            }
        }
        guard started else { throw .unreachable("the system gives no thread") }
    }

    deinit {
        // A job keeps its actor, and that keeps this executor: at this point none is left.
        queue.withLock { $0.isClosed = true }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let work = Work(job: UnownedJob(job), executor: asUnownedSerialExecutor())
        queue.withLock { $0.work.append(work) }
    }

    private static func next(_ queue: inout Queue) -> Step? {
        if !queue.work.isEmpty {
            defer { queue.work = [] }
            return .run(queue.work)
        }
        return queue.isClosed ? .end : nil
    }
}
