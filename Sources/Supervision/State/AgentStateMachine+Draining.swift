import Training

/// Ends that are asked for: notices, intents, and the run's time limit.
///
/// An end that is under way is only ever shortened, and nobody is signalled twice.
extension AgentStateMachine {
    mutating func take(_ notice: Notice, _ now: Timestamp) {
        guard stage != .fenced, drain?.notice != notice else { return }
        guard stage != .parked else {
            if case .powerOff = parking { return }
            drain = drain ?? Drain(cause: .notice, at: now)
            drain?.notice = notice
            park(parkingAfter(notice), because: "a notice of \(notice.kind.rawValue)", now)
            return
        }
        begin(drainFor: .notice, now) { drain in
            drain.notice = notice
            drain.shorten(to: notice.deadline)
        }
    }

    mutating func take(_ intent: Intent, _ now: Timestamp) {
        guard intent.id != seenIntent, stage != .fenced else { return }
        seenIntent = intent.id
        guard intent.verb.drains else {
            reconfiguration = intent
            if stage == .training { begin(.fetchSpec(intent.spec), now) }
            return
        }
        outbox?.change { $0.acknowledged = intent.id }
        guard stage != .parked else {
            drain = drain ?? Drain(cause: .intent, at: now)
            drain?.intent = intent
            park(.powerOff(intent.verb.powerOff), because: intent.reason, now)
            return
        }
        begin(drainFor: .intent, now) { drain in
            drain.intent = intent
            drain.shorten(to: intent.deadline)
        }
    }

    /// Starts an end, or shortens the one that is under way.
    mutating func begin(
        drainFor cause: Drain.Cause, _ now: Timestamp, _ change: (inout Drain) -> Void = { _ in }
    ) {
        var drain = self.drain ?? Drain(cause: cause, at: now)
        change(&drain)
        if let killAt = drain.killAt, drain.killedAt == nil {
            drain.killAt = min(killAt, graceEnd(of: drain, from: now))
        }
        let isNew = self.drain == nil
        self.drain = drain
        guard isNew else { return }
        switch stage {
        case .locating:
            if let notice = drain.notice {
                park(parkingAfter(notice), because: "a notice before the claim", now)
            }
        case .preparing: finish(nil, now)
        case .restoring, .settingUp, .training:
            switch processes {
            case .running: askToEnd(now)
            // The answer is near; `commandStarted` goes on.
            case .starting: break
            case .none: finish(nil, now)
            }
        // `wasClaimed` goes on.
        case .claiming: break
        case .draining, .finishing, .fenced, .parked, .off: break
        }
    }

    private func graceEnd(of drain: Drain, from now: Timestamp) -> Timestamp {
        drain.graceEnd(
            from: now, grace: spec?.stop.grace ?? StopPolicy().grace,
            uploadMilliseconds: uploads.longest)
    }

    /// The one stop signal.
    mutating func askToEnd(_ now: Timestamp) {
        guard let spec, var drain, !drain.signalled else { return }
        stage = .draining
        steps.abandon()
        drain.signalled = true
        drain.killAt = graceEnd(of: drain, from: now)
        self.drain = drain
        outbox?.enter(.draining, at: now)
        out.append(.signal(spec.stop.signal))
    }

    mutating func processesEnded(_ end: ProcessesEnd, _ now: Timestamp) {
        processes = .none
        let trained = trainingSince.map { now.since($0) } ?? 0
        outbox?.change { $0.trained = trained }
        switch stage {
        case .settingUp:
            if end.status?.code == 0 {
                choose(now)
            } else {
                ending.failure = "setup ended with \(end.statusText)"
                finish(end, now)
            }
        case .training, .draining: finish(end, now)
        // The end overtook the answer to the start.
        case .restoring:
            trainingSince = now
            finish(end, now)
        case .fenced: park(.powerOff(.terminate), because: claimLost ?? "the claim is lost", now)
        default: break
        }
    }

    // MARK: Fence

    /// Another attempt holds the claim, or the ledger took this one back: nothing of it may go on.
    mutating func fence(_ reason: String, _ now: Timestamp) {
        guard claimLost == nil else { return }
        claimLost = reason
        guard stage != .parked else { return }
        guard processes != .none else {
            park(.powerOff(.terminate), because: reason, now)
            return
        }
        stage = .fenced
        fencedAt = now
        // While they are being started, the answer to that is waited for.
        if processes == .running {
            steps.abandon()
            out.append(.kill)
        }
    }

    // MARK: Bounds

    mutating func enforceLimits(_ now: Timestamp) {
        switch stage {
        case .locating:
            if let bootedAt, bootedAt + Limit.waiting <= now {
                let wait = "waited \(Limit.waiting)"
                park(.powerOff(.asLaunched), because: "\(wait): \(waitReason)", now)
            }
        case .preparing:
            if uploads.failures >= Limit.rescues {
                fail("local checkpoints of the life before could not be committed", now)
            }
        case .training:
            if let expiry, expiry <= now { begin(drainFor: .expired, now) }
        case .draining: enforceGrace(now)
        case .fenced:
            if let fencedAt, fencedAt + Limit.kill <= now {
                park(.powerOff(.terminate), because: claimLost ?? "the claim is lost", now)
            }
        case .parked: enforceParking(now)
        case .claiming, .settingUp, .restoring, .finishing, .off: break
        }
    }

    private mutating func enforceGrace(_ now: Timestamp) {
        if let killedAt = drain?.killedAt {
            guard killedAt + Limit.kill <= now else { return }
            ending.survivors = true
            finish(ProcessesEnd(status: nil), now)
        } else if let killAt = drain?.killAt, killAt <= now {
            drain?.killedAt = now
            out.append(.kill)
        }
    }
}

extension Intent.Verb {
    var powerOff: PowerOff {
        switch self {
        case .drainThenStop: .stop
        case .drainThenTerminate: .terminate
        case .reconfigure: .asLaunched
        }
    }
}

extension ProcessesEnd {
    /// For people.
    var statusText: String { status.map { "\($0)" } ?? "an unknown status" }
}
