import CLinux
import Glibc
import Synchronization

/// Every process of a run, or of a machine: those started through it, whatever descends from
/// them, and what their death leaves behind.
///
/// Three signs, and any one makes a process ours: it is in the tree's control group (where one
/// could be made); it descends from a process that we started or adopted; it bears the tree's
/// mark in its environment. So a `setsid` child, and the trainer of a launcher that died at once,
/// count too. What escapes all three: a process of another user that left the group, changed its
/// environment and whose parents died before any scan. This process itself is never one of them.
package final class ProcessTree: Sendable {
    package let mark: EnvironmentMark
    package let controlGroup: ControlGroup?
    /// Whether children of this process that nobody spawned here are ours: with `Subreaper`, the
    /// orphans of all that we started.
    ///
    /// At most one tree of a process should adopt at a time.
    private let adoptsOrphans: Bool
    private let roots = Mutex<Set<ProcessIdentity>>([])

    package init(
        mark: EnvironmentMark, controlGroup: ControlGroup?, adoptsOrphans: Bool
    ) {
        self.mark = mark
        self.controlGroup = controlGroup
        self.adoptsOrphans = adoptsOrphans
    }

    /// Starts a program as part of the tree: marks it and puts it into the control group.
    ///
    /// Marks that this process bears itself are handed down whatever the command's environment.
    package func spawn(_ command: Command) async throws(SpawnFailure) -> ChildProcess {
        var command = command
        // The marks of those above us first: a run's processes are their machine's too.
        command.environment.merge(EnvironmentMark.inherited) { $1 }
        command.environment[mark.name] = mark.value
        command.controlGroup = controlGroup
        let child = try await ChildProcess.spawn(command)
        _ = roots.withLock { $0.insert(child.identity) }
        return child
    }

    /// Every living process of the tree at this moment, by pid; orphans that came to an
    /// adopting tree are reaped on the way.
    ///
    /// One scan can miss a process that is just being born: `isEmpty` is the question to ask about
    /// an end.
    package func living() throws(FileFailure) -> [ProcessIdentity] {
        let started = roots.withLock { $0 }
        let entries = try ProcessEntry.all()
        if adoptsOrphans { reapOrphans(entries) }
        let me = ProcessEntry.currentPID
        let grouped = Set(controlGroup?.pids() ?? [])
        let known = started.intersection(entries.map(\.identity))
        // Those that have gone would only make the set grow.
        roots.withLock { $0.subtract(started.subtracting(known)) }
        var ours: Set<Int32> = []
        for entry in entries where entry.pid != me {
            let isAdopted =
                adoptsOrphans && entry.parent == me && !OwnChildren.contains(entry.pid)
            if known.contains(entry.identity) || isAdopted || grouped.contains(entry.pid)
                || entry.bears(mark)
            {
                ours.insert(entry.pid)
            }
        }
        addDescendants(of: &ours, among: entries, except: me)
        return entries.filter { ours.contains($0.pid) && $0.isLiving }.map(\.identity)
    }

    /// Whether two scans in a row find nothing alive.
    package func isEmpty() throws(FileFailure) -> Bool {
        guard try living().isEmpty else { return false }
        return try living().isEmpty
    }

    /// Sends a signal to every living process of the tree; gives those that it reached.
    @discardableResult
    package func signal(_ number: Int32) throws(FileFailure) -> [ProcessIdentity] {
        try living().filter { $0.signal(number) }
    }

    /// Waits until nothing is alive; false when `span` passed first or the task was cancelled.
    package func waitUntilEmpty(within span: Duration) async throws(FileFailure) -> Bool {
        let deadline = ContinuousClock.now + span
        var pause = Duration.milliseconds(5)
        while true {
            if try isEmpty() { return true }
            guard ContinuousClock.now < deadline, !Task.isCancelled else { return false }
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(100))
        }
    }

    /// SIGKILL to every process, again and again until nothing is alive, or `span` has passed:
    /// gives what is then left (a process in uninterruptible sleep, say).
    ///
    /// The empty control group is removed. Not cut short by cancellation.
    package func kill(within span: Duration) async throws(FileFailure) -> [ProcessIdentity] {
        let deadline = ContinuousClock.now + span
        var pause = Duration.milliseconds(2)
        while true {
            _ = controlGroup?.killAll()
            let reached = try signal(SIGKILL)
            if reached.isEmpty, try isEmpty() {
                controlGroup?.remove()
                return []
            }
            guard ContinuousClock.now < deadline else { return try living() }
            await pauseIgnoringCancellation(pause)
            pause = min(pause * 2, .milliseconds(50))
        }
    }

    private func reapOrphans(_ entries: [ProcessEntry]) {
        for entry in entries where entry.isZombie && entry.parent == ProcessEntry.currentPID {
            OwnChildren.reapOrphan(entry.pid)
        }
    }

    private func addDescendants(
        of ours: inout Set<Int32>, among entries: [ProcessEntry], except me: Int32
    ) {
        var children: [Int32: [Int32]] = [:]
        for entry in entries { children[entry.parent, default: []].append(entry.pid) }
        var pending = Array(ours)
        while let parent = pending.popLast() {
            for child in children[parent] ?? [] where child != me {
                if ours.insert(child).inserted { pending.append(child) }
            }
        }
    }

    private func pauseIgnoringCancellation(_ span: Duration) async {
        await Task.detached { try? await Task.sleep(for: span) }.value
    }
}

extension ProcessIdentity {
    /// Sends a signal to exactly this process; false when it has ended or may not be signalled.
    @discardableResult
    package func signal(_ number: Int32) -> Bool {
        let pidfd = holdfast_pidfd_open(pid)
        guard pidfd >= 0 else { return false }
        defer { close(pidfd) }
        // The pid may have been given away before the pidfd was opened; not afterwards.
        guard isAlive else { return false }
        return holdfast_pidfd_send_signal(pidfd, number) == 0
    }
}

/// The duty to inherit orphans.
package enum Subreaper {
    /// Makes this process the parent of every descendant whose own parent dies
    /// (`PR_SET_CHILD_SUBREAPER`), so that no trainer escapes to init.
    ///
    /// False where refused.
    @discardableResult
    package static func enable() -> Bool {
        holdfast_set_subreaper() == 0
    }
}
