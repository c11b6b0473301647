import Training

/// From the boot to the claim, and the ledger's word at any later time.
extension AgentStateMachine {
    mutating func ledgerWasRead(_ reading: LedgerReading, _ now: Timestamp) {
        switch reading {
        case .ledger(let ledger):
            self.ledger = ledger
            if stage == .locating { locate(in: ledger, now) } else { review(ledger, now) }
        case .unchanged: break
        case .missing: wait("the ledger is not there")
        case .unreadable(let reason): wait("the ledger is not readable: \(reason)")
        }
    }

    private mutating func wait(_ reason: String, attempt: Int? = nil) {
        guard stage == .locating else { return }
        waitReason = reason
        if let attempt { waitingAttempt = attempt }
    }

    private func assignment(in ledger: Ledger) -> Assignment {
        Assignment(
            of: instance, launchedFor: configuration.attempt, ordinal: configuration.ordinal,
            in: ledger)
    }

    /// The ledger, as it was read last, has no use for this machine any more.
    var isSuperseded: Bool {
        guard let ledger, case .superseded = assignment(in: ledger) else { return false }
        return true
    }

    mutating func locate(in ledger: Ledger, _ now: Timestamp) {
        switch assignment(in: ledger) {
        case .claim(let attempt, _) where attempt.number == exhausted:
            wait("attempt \(attempt.number) has released itself")
        case .claim(let attempt, let ordinal):
            self.attempt = attempt
            self.ordinal = ordinal
            stage = .claiming
            begin(
                .claim(attempt: attempt.number, ordinal: ordinal, retired: ledger.retired), now)
            if let intent = attempt.intent { take(intent, now) }
        case .wait(let attempt, let reason): wait(reason, attempt: attempt)
        case .superseded(let reason): park(.powerOff(.terminate), because: reason, now)
        }
    }

    /// The claim is ours, and the index is as the claim left it.
    ///
    /// Who gives a machine up first writes its intent, and then looks for its claim: of the two at
    /// least one sees the other, since the ledger was read after the claim.
    mutating func wasClaimed(_ index: RunIndex, _ ledger: Ledger, _ now: Timestamp) {
        guard let attempt else { return }
        self.ledger = ledger
        review(ledger, now)
        guard stage == .claiming else { return }
        if let report = index.report(of: attempt.number), report.released {
            exhausted = attempt.number
            waitingAttempt = attempt.number
            waitReason = "attempt \(attempt.number) has released itself"
            self.attempt = nil
            stage = .locating
            return
        }
        self.index = index
        uploads.newest = nil
        outbox = ReportOutbox(
            AttemptReport(attempt: attempt.number, phase: .preparing, since: now))
        stage = .preparing
        if let drain {
            let acknowledged = drain.intent?.id
            outbox?.change { $0.acknowledged = acknowledged }
            finish(nil, now)
        } else {
            begin(.fetchSpec(attempt.spec), now)
        }
    }

    /// The ledger changed while this attempt lives.
    private mutating func review(_ ledger: Ledger, _ now: Timestamp) {
        guard let number = attempt?.number, let mine = ledger.attempt(number) else { return }
        if stage != .finishing, stage != .parked {
            if mine.closure != nil || ledger.attempts.last?.number != number {
                fence("attempt \(number) is closed in the ledger", now)
                return
            }
            guard let launch = mine.openLaunch, launch.ordinal == ordinal,
                launch.instance == nil || launch.instance == instance
            else {
                fence("attempt \(number) was given to another machine", now)
                return
            }
        }
        if claimLost == nil, !dropping, outbox != nil, ledger.retired != dropped,
            !ledger.retired.isEmpty
        {
            dropped = ledger.retired
            dropping = true
            out.append(.drop(ledger.retired))
        }
        if let intent = mine.intent { take(intent, now) }
    }
}
