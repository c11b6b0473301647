package import Training

/// While the trainer runs: watching, uploading, and taking up what the ledger says.
extension AgentStateMachine {
    mutating func trainingBegan(_ now: Timestamp) {
        stage = .training
        trainingSince = now
        outbox?.enter(.training, at: now)
        heartbeatCadence.hasten(at: now)
        if let intent = reconfiguration { begin(.fetchSpec(intent.spec), now) }
    }

    /// Starts what is due of all that is done again and again.
    mutating func poll(_ now: Timestamp) {
        guard bootedAt != nil else { return }
        if claimLost == nil, ledgerCadence.starts(at: now) { out.append(.readLedger) }
        if noticeCadence.starts(at: now) { out.append(.readNotice) }
        if claimLost == nil, heartbeatCadence.starts(at: now) {
            out.append(.heartbeat(heartbeat, attempt: heartbeatAttempt))
        }
        if let policy = scanPolicy, scanCadence.starts(at: now) { out.append(.scan(policy)) }
        if case .powerOff = parking, protectionMatters, protectionCadence.starts(at: now) {
            out.append(.readProtection)
        }
    }

    private var scanPolicy: CheckpointPolicy? {
        stage == .training || stage == .draining ? trainsSince(spec?.checkpoint) : nil
    }

    /// Nothing is scanned while only setup runs.
    private func trainsSince(_ policy: CheckpointPolicy?) -> CheckpointPolicy? {
        trainingSince == nil ? nil : policy
    }

    /// What its next sign of life says.
    package var heartbeat: Heartbeat {
        let isWaiting = stage == .locating || stage == .claiming
        return Heartbeat(
            instance: instance, boot: boot, phase: isWaiting ? .waiting : .working,
            report: outbox?.report.phase, step: uploads.newestStep,
            checkpoint: uploads.newest, blindness: sight.blindness,
            scanFailure: scanFailure ?? uploads.flaw)
    }

    /// The attempt for which it gives signs of life.
    package var heartbeatAttempt: Int {
        attempt?.number ?? waitingAttempt ?? configuration.attempt
    }

    /// Whether it gives signs of life: not once its claim is lost.
    package var hasHeartbeat: Bool { claimLost == nil && stage != .off }

    /// A failed read says nothing of notices; whether the agent sees at all, it tells at once.
    mutating func noticeWasRead(_ reading: NoticeReading, _ now: Timestamp) {
        let before = sight.blindness
        switch reading {
        case .none: sight.saw()
        case .notice(let notice):
            sight.saw()
            take(notice, now)
        case .unseen(let failure): sight.failed(failure)
        }
        if sight.blindness != before { heartbeatCadence.hasten(at: now) }
    }

    // MARK: Uploads

    /// A failed look says nothing of checkpoints; that they are not found, it tells at once.
    mutating func diskWasScanned(_ found: LocalScan, _ now: Timestamp) {
        if found.failure != scanFailure { heartbeatCadence.hasten(at: now) }
        scanFailure = found.failure
        guard found.failure == nil, stage == .training || stage == .draining else { return }
        uploads.found(found)
    }

    /// What an upload must wait for: the declared cadence while the trainer goes on, else nothing.
    var uploadEvery: Seconds? { stage == .training ? spec?.checkpoint?.every : nil }

    var uploadsNow: Bool {
        switch stage {
        case .preparing, .training, .draining: true
        case .finishing: ending.isScanned
        default: false
        }
    }

    mutating func advanceUploads(_ now: Timestamp) {
        guard uploadsNow, let policy = spec?.checkpoint, let attempt else { return }
        if let next = uploads.start(every: uploadEvery, at: now) {
            out.append(
                .commit(
                    CommitOrder(
                        checkpoint: next, policy: policy, generation: attempt.generation,
                        digest: memoryDigest ?? attempt.digest)))
        }
        if stage == .preparing, steps.step == nil, uploads.isIdle { prepareWorkspace(now) }
    }

    /// Leftovers were written under the spec of their own time.
    private var memoryDigest: SpecDigest? { stage == .preparing ? memory?.digest : nil }

    mutating func commitEnded(
        _ checkpoint: LocalCheckpoint, _ result: CommitResult, _ now: Timestamp
    ) {
        let before = uploads.flaw
        uploads.ended(checkpoint, result, at: now)
        if uploads.flaw != before { heartbeatCadence.hasten(at: now) }
        switch result {
        case .committed(let entry):
            index?.checkpoints.append(entry)
            // A machine that is lost without a word has at least told its time up to here.
            if let trainingSince, processes == .running {
                outbox?.change { $0.trained = now.since(trainingSince) }
            }
            if stage == .training { remember() }
            heartbeatCadence.hasten(at: now)
        case .duplicate, .refused, .flawed, .failed: break
        case .fenced(let reason): fence(reason, now)
        }
    }

    // MARK: Live changes

    /// Takes up the live-tunable fields of `new`; everything that a digest covers stays.
    mutating func tune(to new: RunSpec) {
        guard var tuned = spec, let intent = reconfiguration, new.name == tuned.name else { return }
        tuned.state = new.state
        tuned.labels = new.labels
        tuned.onChange = new.onChange
        tuned.stop = new.stop
        tuned.interruption = new.interruption
        tuned.completion = new.completion
        tuned.onCompletion = new.onCompletion
        tuned.onFailure = new.onFailure
        tuned.retries = new.retries
        tuned.maxDuration = new.maxDuration
        tuned.suspend = new.suspend
        tuned.onRemoval = new.onRemoval
        if let policy = new.checkpoint {
            tuned.checkpoint?.every = policy.every
            tuned.checkpoint?.keep = policy.keep
            tuned.checkpoint?.onInvalid = policy.onInvalid
        }
        spec = tuned
        reconfiguration = nil
        outbox?.change { $0.acknowledged = intent.id }
    }

    /// When the training time of the run is used up.
    var expiry: Timestamp? {
        guard let limit = spec?.maxDuration, let trainingSince else { return nil }
        return trainingSince + limit - trainedBefore
    }
}
