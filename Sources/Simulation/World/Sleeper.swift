import Training

/// A process that waits for a moment.
struct Sleeper: Sendable {
    var process: ProcessID
    /// When it went to sleep, and how long it wanted to.
    var since: Timestamp
    var span: Int64
    /// When it will wake; later than wanted while polls are coalesced.
    var due: Timestamp
    /// Entries of the agenda for another version are stale.
    var version = 0
    var continuation: CheckedContinuation<Void, any Error>
}

extension WorldState {
    /// A reconciler that has seen all there is sleeps for twice as long as nothing has changed, so
    /// that rules about time are met within thrice their bound; but no shorter and no longer than
    /// this.
    static let sleeps: ClosedRange<Int64> = 30_000...2 * 3_600_000

    /// A process goes to sleep for `span` milliseconds.
    ///
    /// While nothing changes, a reconciler's poll would see what the last one saw: polls in a row
    /// are left out, and the first one after a change comes when it would have come.
    mutating func sleep(
        _ process: ProcessID, for span: Int64, _ continuation: CheckedContinuation<Void, any Error>
    ) {
        guard lives[process].map({ !$0.isDead }) ?? false else {
            return continuation.resume(throwing: CancellationError())
        }
        let number = nextNumber()
        var due = Timestamp(milliseconds: now.milliseconds + max(1, span))
        if let seen = seen[process], seen == version {
            let quiet = now.milliseconds - changedAt.milliseconds
            let longest = max(
                WorldState.sleeps.lowerBound, min(2 * quiet, WorldState.sleeps.upperBound))
            if longest > span {
                let polls = Int(longest / max(1, span)) - 1
                coalescedPolls += polls
                record?.leaveOut(passes: polls)
                due = Timestamp(milliseconds: now.milliseconds + longest)
            }
        }
        sleepers[number] = Sleeper(
            process: process, since: now, span: max(1, span), due: due, continuation: continuation)
        agenda.enter(.wake(number, version: 0), at: due)
    }

    mutating func wake(_ number: Int, version: Int) {
        guard let sleeper = sleepers[number], sleeper.version == version else { return }
        if let thaw = lives[sleeper.process]?.frozenUntil, thaw > now {
            agenda.enter(.wake(number, version: version), at: thaw)
            return
        }
        sleepers[number] = nil
        trace.mix(now)
        trace.mix(0x400)
        sleeper.continuation.resume()
    }

    /// Something changed that a reconciler's next look would show: no poll is left out any more.
    mutating func changed() {
        version += 1
        changedAt = now
        for number in sleepers.keys.sorted() {
            guard var sleeper = sleepers[number] else { continue }
            let waited = now.milliseconds - sleeper.since.milliseconds
            let polls = waited / sleeper.span + 1
            let due = Timestamp(
                milliseconds: sleeper.since.milliseconds + polls * sleeper.span)
            guard due < sleeper.due else { continue }
            sleeper.due = due
            sleeper.version += 1
            sleepers[number] = sleeper
            agenda.enter(.wake(number, version: sleeper.version), at: due)
        }
    }
}
