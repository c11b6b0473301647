import Training

/// What is known of the end while it is worked out.
struct Ending: Hashable, Sendable {
    var began: Timestamp?
    var end: ProcessesEnd?
    /// Why the attempt failed before or without its trainer.
    var failure: String?
    /// A person decides how to go on.
    var isHeld = false
    /// Some process did not go even after SIGKILL.
    var survivors = false
    var isScanned = false
    /// The report waits for no upload any more; from here on only answers move things.
    var isLate = false
    var isJudged = false
    var missing: [String] = []
    var isFlushed = false
    var outcome: Outcome?
}

/// After the last process: the last upload, the judgement, the report.
extension AgentStateMachine {
    mutating func finish(_ end: ProcessesEnd?, _ now: Timestamp) {
        steps.abandon()
        stage = .finishing
        ending.began = now
        ending.end = end
        if let policy = spec?.checkpoint, trainingSince != nil {
            begin(.findLocal(policy), now)
        } else {
            ending.isScanned = true
        }
    }

    mutating func advanceFinish(_ now: Timestamp) {
        if let finishBy, finishBy <= now { ending.isLate = true }
        let isLate = ending.isLate
        guard let outcome = ending.outcome else {
            let isUploaded = ending.isScanned && (uploads.isIdle || trainingSince == nil)
            guard isUploaded || isLate else { return }
            ending.isScanned = true
            judge(now)
            return
        }
        guard outbox?.isClean ?? true || isLate else { return }
        if !ending.isFlushed {
            if steps.step == nil { begin(.flushLogs, now) }
            if !isLate { return }
        }
        remember()
        let detail = outbox?.report.detail.map { ": \($0)" } ?? ""
        park(parkingAfterEnd(now), because: "\(outcome.rawValue)\(detail)", now)
    }

    /// When the report must not wait any longer for uploads.
    var finishBy: Timestamp? {
        guard let began = ending.began else { return nil }
        let bound = began + Limit.finish
        guard let reportBy = drain?.reportBy, !holdsGate else { return bound }
        return min(bound, max(began, reportBy))
    }

    /// The gate's limit does not open it: uploads go on, unless the machine is taken anyway.
    private var holdsGate: Bool {
        drain?.intent != nil && drain?.notice == nil && spec?.stop.onTimeout == .hold
    }

    // MARK: Judgement

    /// An exit after our own signal is never completion by exit code alone.
    private mutating func judge(_ now: Timestamp) {
        guard let spec, mayBeCompletion else {
            conclude(isCompleted: false, now)
            return
        }
        if ending.isJudged {
            conclude(isCompleted: ending.missing.isEmpty, now)
        } else if spec.completion.file == nil, spec.completion.json == nil {
            ending.isJudged = true
            conclude(isCompleted: true, now)
        } else if steps.step != .checkCompletion(spec.completion) {
            begin(.checkCompletion(spec.completion), now)
        }
    }

    private var mayBeCompletion: Bool {
        guard let spec, ending.failure == nil, trainingSince != nil, let end = ending.end,
            end.status?.code == spec.completion.exitCode
        else { return false }
        guard drain?.signalled == true else { return true }
        return spec.completion.file != nil || spec.completion.json != nil
    }

    mutating func judged(missing: [String], _ now: Timestamp) {
        ending.isJudged = true
        ending.missing = missing
    }

    private mutating func conclude(isCompleted: Bool, _ now: Timestamp) {
        let outcome = outcome(isCompleted: isCompleted)
        let detail = detail(of: outcome)
        let end = ending.end
        let isReleased = !ending.survivors && !(holdsGate && !uploads.unsaved.isEmpty)
        let step = uploads.newestStep
        ending.outcome = outcome
        outbox?.enter(.ended, at: now)
        outbox?.change { report in
            report.outcome = outcome
            report.exit = end?.status
            report.lastLines = end?.lastLines ?? []
            report.released = isReleased
            report.step = step
            report.detail = detail
        }
    }

    private func outcome(isCompleted: Bool) -> Outcome {
        if isCompleted { return .completed }
        if ending.failure != nil { return ending.isHeld ? .held : .failed }
        // What ended by itself before it was asked has its own outcome.
        guard let drain, drain.signalled || ending.end == nil else { return .failed }
        switch drain.cause {
        case .notice: return .interrupted
        case .intent: return .drained
        case .expired: return .expired
        }
    }

    private func detail(of outcome: Outcome) -> String {
        var parts: [String] = []
        if let failure = ending.failure { parts.append(failure) }
        if let end = ending.end, ending.failure == nil {
            parts.append("the trainer ended with \(end.statusText)")
            if end.outlived { parts.append("some processes outlived the main command") }
        }
        if outcome == .failed, !ending.missing.isEmpty {
            parts.append("not completed: \(ending.missing.joined(separator: ", "))")
        }
        if outcome == .expired { parts.append("max_duration is reached") }
        if drain?.killedAt != nil { parts.append("killed after the grace") }
        if ending.survivors { parts.append("some processes did not go") }
        if let unsaved = uploads.unsaved.last { parts.append("not uploaded: \(unsaved)") }
        for refusal in uploads.refusals.suffix(3) { parts.append("refused \(refusal)") }
        return parts.joined(separator: "; ")
    }

    mutating func logsWereFlushed(_ now: Timestamp) {
        ending.isFlushed = true
    }

    private func parkingAfterEnd(_ now: Timestamp) -> Parking {
        // What could not be uploaded stays, until a person or a new intent decides.
        if holdsGate, !uploads.unsaved.isEmpty { return .keep }
        if let intent = drain?.intent { return .powerOff(intent.verb.powerOff) }
        if let notice = drain?.notice { return parkingAfter(notice) }
        if ending.outcome == .failed, case .keep(let span) = spec?.onFailure {
            return .powerOffLater(.terminate, at: now + span)
        }
        guard ending.outcome == .completed else { return .powerOff(.terminate) }
        return switch spec?.onCompletion ?? .terminate {
        case .terminate: .powerOff(.terminate)
        case .stop: .powerOff(.stop)
        case .keep: .keep
        }
    }
}
