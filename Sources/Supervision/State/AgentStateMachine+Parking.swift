import Training

/// What the machine waits for after its last report.
enum Parking: Hashable, Sendable {
    /// Protection is read again first.
    case powerOff(PowerOff)
    /// Not before `until`: the provider takes the machine, or a person looks inside.
    case powerOffLater(PowerOff, at: Timestamp)
    /// It stays: `on_completion: keep`, or its end is not one that powering off would give.
    case keep
}

extension AgentStateMachine {
    mutating func park(_ parking: Parking, because reason: String, _ now: Timestamp) {
        stage = .parked
        steps.abandon()
        self.parking = parking
        parkedAt = now
        waitReason = reason
        protectionCadence.hasten(at: now)
        guard leadsAstray(parking) else { return }
        self.parking = .keep
        waitReason += "; powering off would terminate this machine: it waits to be stopped"
    }

    /// Powering off would end for good a machine that is to be stopped; the control plane stops it.
    private func leadsAstray(_ parking: Parking) -> Bool {
        parking == .powerOff(.stop) && configuration.shutdownBehavior == .terminate
    }

    /// A spot machine waits for its end, since that hour may be free; one that is being shut down
    /// ends as its provider says.
    func parkingAfter(_ notice: Notice) -> Parking {
        switch notice.kind {
        case .spotInterruption: .powerOffLater(.asLaunched, at: notice.deadline + Limit.taking)
        case .shutdown: .powerOff(.asLaunched)
        }
    }

    /// A machine that is being shut down already is past protecting.
    var protectionMatters: Bool { drain?.notice?.kind != .shutdown }

    mutating func protectionWasRead(_ isProtected: Bool?, _ now: Timestamp) {
        guard case .powerOff(let how) = parking, let isProtected else { return }
        if isProtected {
            claimAgain(now)
        } else if isReadyToGo(now) {
            powerOff(how)
        }
    }

    /// A protected machine that has given up before it held its claim goes on trying: it stays
    /// anyway, the store may be back, and it may have raised the claim without learning so.
    private mutating func claimAgain(_ now: Timestamp) {
        guard stage == .parked, outbox == nil, claimLost == nil, drain == nil, !isSuperseded else {
            return
        }
        attempt = nil
        parking = nil
        parkedAt = nil
        bootedAt = now
        stage = .locating
        if let ledger { locate(in: ledger, now) }
    }

    mutating func enforceParking(_ now: Timestamp) {
        switch parking {
        case .powerOff(let how):
            if !protectionMatters, isReadyToGo(now) { powerOff(how) }
        case .powerOffLater(let how, let moment):
            guard moment <= now else { break }
            parking = .powerOff(how)
            protectionCadence.hasten(at: now)
        case .keep, nil: break
        }
    }

    /// What is still to be reported is written first, within the bound.
    private func isReadyToGo(_ now: Timestamp) -> Bool {
        if claimLost != nil { return true }
        if let drain, let deadline = drain.deadline, deadline <= now { return true }
        if let parkedAt, parkedAt + Limit.finish <= now { return true }
        return outbox?.isClean ?? true
    }

    private mutating func powerOff(_ how: PowerOff) {
        stage = .off
        out.append(.powerOff(how, reason: waitReason))
    }

    // MARK: Time

    /// Everything that the passing of time alone can change.
    var wakes: [Timestamp?] {
        var wakes: [Timestamp?] = [
            claimLost == nil ? ledgerCadence.next : nil, noticeCadence.next,
            claimLost == nil ? heartbeatCadence.next : nil, steps.retryAt,
            claimLost == nil ? outbox?.due : nil,
        ]
        if uploadsNow { wakes.append(uploads.due(every: uploadEvery)) }
        switch stage {
        case .locating: wakes.append(bootedAt.map { $0 + Limit.waiting })
        case .training: wakes += [scanCadence.next, expiry]
        case .draining:
            let killEnd = drain?.killedAt.map { $0 + Limit.kill }
            wakes += [scanCadence.next, killEnd ?? drain?.killAt]
        case .finishing: wakes.append(ending.isLate ? nil : finishBy)
        case .fenced: wakes.append(fencedAt.map { $0 + Limit.kill })
        case .parked:
            if case .powerOffLater(_, let moment) = parking { wakes.append(moment) }
            if case .powerOff = parking { wakes.append(protectionCadence.next) }
        case .claiming, .preparing, .settingUp, .restoring, .off: break
        }
        return wakes
    }
}
