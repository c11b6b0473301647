import Planning
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

/// What a reconciler's newest plan waits for.
enum Rest: Hashable, Sendable {
    /// For news, and for this moment if there is one.
    case until(Timestamp?)
    /// For something that may come at any moment.
    case unclear

    init(of plan: Plan) {
        let isClear = plan.inactions.allSatisfy { $0.reason.isSettled || $0.reason.until != nil }
        self =
            isClear && plan.blocked.isEmpty && !plan.isUnderWay
            ? .until(plan.nextMoment) : .unclear
    }
}

extension WorldState {
    /// A reconciler that has seen all there is, and whose plan waits for something that may come
    /// at any moment, sleeps for twice as long as nothing has changed, so that rules about time
    /// are met within thrice their bound; but no shorter and no longer than this.
    static let sleeps: ClosedRange<Int64> = 30_000...2 * 3_600_000
    /// How long one more checkpoint goes unseen at most: all that follows from it is that an older
    /// one is retired.
    static let commitLag: Int64 = 20 * 60_000
    /// When the silence of whoever was just disturbed has become too long.
    static let silenceAlarm: Int64 = 185_000

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
        let span = max(1, span)
        let longest = rest(of: process)
        if longest > span {
            let polls = Int(longest / span) - 1
            coalescedPolls += polls
            record?.leaveOut(passes: polls)
        }
        let due = Timestamp(milliseconds: now.milliseconds + max(span, longest))
        sleepers[number] = Sleeper(
            process: process, since: now, span: span, due: due, continuation: continuation)
        agenda.enter(.wake(number, version: 0), at: due)
    }

    /// For how long a process need not look again.
    private func rest(of process: ProcessID) -> Int64 {
        guard let seen = seen[process], seen >= pressing else { return 0 }
        var longest = WorldState.sleeps.upperBound
        switch rests[process] {
        case .until(let moment):
            if let moment { longest = min(longest, moment.milliseconds - now.milliseconds) }
        case .unclear, nil:
            let quiet = now.milliseconds - changedAt.milliseconds
            longest = min(longest, max(WorldState.sleeps.lowerBound, 2 * quiet))
        }
        return seen == version ? longest : min(longest, WorldState.commitLag)
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

    /// Something changed that a reconciler's next look would show: no poll is left out any more,
    /// or none after the lag where that can wait.
    mutating func changed(canWait: Bool = false) {
        version += 1
        if !canWait {
            pressing = version
            changedAt = now
        }
        let lag = canWait ? WorldState.commitLag : 0
        for number in sleepers.keys.sorted() {
            guard var sleeper = sleepers[number] else { continue }
            let waited = now.milliseconds + lag - sleeper.since.milliseconds
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
