import CLinux
import Glibc
import Synchronization

/// How a process ended.
package enum WaitStatus: Hashable, Sendable, Codable {
    case exited(Int32)
    case signalled(Int32)

    package var isSuccess: Bool { self == .exited(0) }
}

extension WaitStatus: CustomStringConvertible {
    package var description: String {
        switch self {
        case .exited(let code): "exit code \(code)"
        case .signalled(let number): "signal \(number)"
        }
    }
}

/// A process that we started, held by its pidfd until it is gone and reaped.
///
/// Letting go of the value does not end the process; it is reaped when it ends.
package final class ChildProcess: Sendable {
    package let identity: ProcessIdentity
    private let pidfd: Int32
    private let ended = Mutex<WaitStatus?>(nil)

    package var pid: Int32 { identity.pid }

    /// Starts a program; returns once exec has succeeded.
    package static func spawn(_ command: Command) async throws(SpawnFailure) -> ChildProcess {
        let prepared = try PreparedCommand(command)
        let spawned = await EventThread.shared.run { prepared.spawn() }
        return try spawned.get()
    }

    init(pid: Int32, pidfd: Int32) {
        // Our own child keeps its pid until we reap it, so this reads the right process.
        identity =
            ProcessIdentity(of: pid)
            ?? ProcessIdentity(pid: pid, startTicks: 0, bootID: Boot.id)
        self.pidfd = pidfd
    }

    deinit {
        guard status == nil else {
            close(pidfd)
            return
        }
        // Nobody waits for its end any more. A process that lives for months must not collect the
        // zombies of all it ever started.
        ChildProcess.reapWhenEnded(identity.pid, pidfd)
    }

    private static func reapWhenEnded(_ pid: Int32, _ pidfd: Int32) {
        Task.detached {
            _ = await isReadable(pidfd, within: nil)
            _ = reap(pid, pidfd)
            close(pidfd)
        }
    }

    /// Its end; nil while it runs.
    ///
    /// Never blocks.
    package var status: WaitStatus? {
        ended.withLock { ended in
            if ended == nil { ended = ChildProcess.reap(pid, pidfd) }
            return ended
        }
    }

    /// Waits for its end; nil when `span` passed first or the task was cancelled.
    package func wait(within span: Duration? = nil) async -> WaitStatus? {
        if let status { return status }
        _ = await isReadable(pidfd, within: span)
        return status
    }

    /// Sends a signal to this one process; false when it has ended.
    @discardableResult
    package func signal(_ number: Int32) -> Bool {
        guard status == nil else { return false }
        return holdfast_pidfd_send_signal(pidfd, number) == 0
    }

    private static func reap(_ pid: Int32, _ pidfd: Int32) -> WaitStatus? {
        var code: Int32 = 0
        var bySignal: Int32 = 0
        switch OwnChildren.reap(pid, { holdfast_reap_pidfd(pidfd, &code, &bySignal) }) {
        case 0: return nil
        case 1: return bySignal != 0 ? .signalled(code) : .exited(code)
        default: return .exited(255)  // reaped by foreign code in this process; how is lost
        }
    }
}

/// The pids of our children that a `ChildProcess` will reap: nobody else may take their ends.
enum OwnChildren {
    private static let pids = Mutex<Set<Int32>>([])

    static func spawn(_ body: () -> holdfast_spawned) -> holdfast_spawned {
        pids.withLock { pids in
            let spawned = body()
            if spawned.stage == 0 { pids.insert(spawned.pid) }
            return spawned
        }
    }

    /// Reaps by `body`, which answers 0 while the child runs.
    ///
    /// From then on its pid is free.
    static func reap(_ pid: Int32, _ body: () -> Int32) -> Int32 {
        pids.withLock { pids in
            let answer = body()
            if answer != 0 { pids.remove(pid) }
            return answer
        }
    }

    static func contains(_ pid: Int32) -> Bool {
        pids.withLock { $0.contains(pid) }
    }

    /// Takes the end of a zombie that came to us as subreaper.
    static func reapOrphan(_ pid: Int32) {
        pids.withLock { pids in
            guard !pids.contains(pid) else { return }
            _ = waitpid(pid, nil, WNOHANG)
        }
    }
}
