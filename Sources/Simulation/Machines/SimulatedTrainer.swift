import Training

/// A training process on a simulated machine: it makes steps, saves, and ends.
///
/// Nothing happens at each step: what it has done is worked out from the time that passed, and
/// only the moments at which it does something else are events.
struct SimulatedTrainer: Hashable, Sendable {
    /// What its manifest says, and what it was started with.
    struct Job: Hashable, Sendable {
        var attempt: Int
        var policy: CheckpointPolicy?
        var completion: CompletionRule
        /// Where it goes on from; 0 for a fresh start.
        var start: Int
    }

    /// What it did at a moment.
    enum Deed: Hashable, Sendable {
        case wrote(path: String, step: Int, isUsable: Bool)
        case ended(ExitStatus, outlived: Bool)
    }

    private enum State: Hashable, Sendable {
        case stepping
        /// Writes a checkpoint until then, and goes on or exits.
        case saving(until: Timestamp, exit: Int?)
        case hanging
        /// The main process has ended; something that it started lives until then.
        case outlived(until: Timestamp, ExitStatus)
        case ended
    }

    private let behaviour: TrainerBehaviour
    private let job: Job
    private let names: CheckpointNames?
    private var state = State.stepping
    /// Its step at a moment; while it makes steps, others follow from there.
    private var base: Int
    private var since: Timestamp
    private var saves = 0
    private var written: [String] = []
    private var lastSaved: Int

    init(_ behaviour: TrainerBehaviour, _ job: Job, at now: Timestamp) {
        self.behaviour = behaviour
        self.job = job
        names = job.policy.map { CheckpointNames($0) }
        base = job.start
        since = now
        lastSaved = job.start
    }

    // MARK: Time

    func step(at now: Timestamp) -> Int {
        guard state == .stepping else { return base }
        let passed = Double(max(0, now.milliseconds - since.milliseconds))
        return min(base + Int(passed / behaviour.pace), target)
    }

    /// When it next does something; nil: never by itself.
    var next: Timestamp? {
        switch state {
        case .stepping: moment(of: target)
        case .saving(let until, _), .outlived(let until, _): until
        case .hanging, .ended: nil
        }
    }

    private func moment(of step: Int) -> Timestamp {
        let span = (Double(step - base) * behaviour.pace).rounded(.up)
        return Timestamp(milliseconds: since.milliseconds + Int64(max(0, span)))
    }

    /// The step at which it stops making steps for something else.
    private var target: Int {
        var target = max(base, behaviour.steps)
        if names != nil {
            let every = max(1, behaviour.saveEvery)
            target = min(target, (max(base, lastSaved) / every + 1) * every)
        }
        if let trouble { target = min(target, max(base, trouble.step)) }
        return target
    }

    private var trouble: TrainerBehaviour.Trouble? {
        behaviour.trouble.flatMap {
            $0.untilAttempt >= job.attempt && $0.step >= job.start ? $0 : nil
        }
    }

    /// It stood still for a while: all that was to come comes later.
    mutating func shift(by span: Int64) {
        func later(_ moment: Timestamp) -> Timestamp {
            Timestamp(milliseconds: moment.milliseconds + span)
        }
        since = later(since)
        switch state {
        case .saving(let until, let exit): state = .saving(until: later(until), exit: exit)
        case .outlived(let until, let status):
            state = .outlived(until: later(until), status)
        case .stepping, .hanging, .ended: break
        }
    }

    // MARK: Deeds

    /// Does what is due at `now`.
    mutating func advance(to now: Timestamp, on disk: inout SimulatedDisk) -> [Deed] {
        var deeds: [Deed] = []
        // Each turn either moves its next moment on or ends it.
        while let next, next <= now { act(at: next, on: &disk, &deeds) }
        return deeds
    }

    private mutating func act(
        at moment: Timestamp, on disk: inout SimulatedDisk, _ deeds: inout [Deed]
    ) {
        switch state {
        case .stepping:
            base = target
            since = moment
            if let trouble, base >= trouble.step {
                switch trouble.kind {
                case .exit(let code): end(ExitStatus(code: code), at: moment, &deeds)
                case .hang: state = .hanging
                }
            } else if base >= behaviour.steps {
                complete(at: moment, on: &disk, &deeds)
            } else {
                beginSave(for: behaviour.saving, exit: nil, at: moment, on: &disk)
            }
        case .saving(_, let exit):
            finishSave(at: moment, on: &disk, &deeds)
            state = .stepping
            since = moment
            if let exit { end(ExitStatus(code: exit), at: moment, &deeds) }
        case .outlived(_, let status):
            state = .ended
            deeds.append(.ended(status, outlived: true))
        case .hanging, .ended: break
        }
    }

    /// Saves once more, then leaves the evidence of its completion.
    private mutating func complete(
        at moment: Timestamp, on disk: inout SimulatedDisk, _ deeds: inout [Deed]
    ) {
        if names != nil, lastSaved < base {
            beginSave(for: behaviour.saving, exit: nil, at: moment, on: &disk)
            return
        }
        let evidence = [job.completion.file, job.completion.json?.file].compactMap { $0 }
        for file in evidence {
            disk.write(Array("{}\n".utf8), to: SimulatedDisk.work + "/" + file, at: moment)
        }
        end(ExitStatus(code: job.completion.exitCode), at: moment, &deeds)
    }

    private mutating func end(
        _ status: ExitStatus, at moment: Timestamp, _ deeds: inout [Deed]
    ) {
        guard behaviour.outlivedFor == 0 else {
            let until = moment.milliseconds + Int64(behaviour.outlivedFor)
            state = .outlived(until: Timestamp(milliseconds: until), status)
            return
        }
        state = .ended
        deeds.append(.ended(status, outlived: false))
    }

    // MARK: Signals

    /// The stop signal.
    mutating func signal(at now: Timestamp, on disk: inout SimulatedDisk) -> [Deed] {
        var deeds = advance(to: now, on: &disk)
        switch (state, behaviour.onSignal) {
        case (.stepping, .die), (.saving, .die), (.hanging, .die):
            disk.settle(at: now)
            end(ExitStatus(signal: 15), at: now, &deeds)
        case (.stepping, .save(let milliseconds, let code)):
            base = step(at: now)
            since = now
            if names == nil || base == lastSaved {
                end(ExitStatus(code: code), at: now, &deeds)
            } else {
                beginSave(for: milliseconds, exit: code, at: now, on: &disk)
            }
        case (.saving(let until, _), .save(_, let code)):
            state = .saving(until: until, exit: code)
        // One that hangs comes to no handler.
        case (.hanging, .save), (.outlived, _), (.ended, _), (_, .ignore): break
        }
        return deeds
    }

    /// SIGKILL to all of it; a file that it was writing stays torn.
    mutating func kill(at now: Timestamp, on disk: inout SimulatedDisk) -> [Deed] {
        var deeds = advance(to: now, on: &disk)
        switch state {
        case .ended: break
        case .outlived(_, let status): deeds.append(.ended(status, outlived: true))
        case .stepping, .saving, .hanging:
            base = step(at: now)
            disk.settle(at: now)
            deeds.append(.ended(ExitStatus(signal: 9), outlived: false))
        }
        state = .ended
        return deeds
    }

    // MARK: Checkpoints

    private mutating func beginSave(
        for milliseconds: Int, exit: Int?, at now: Timestamp, on disk: inout SimulatedDisk
    ) {
        let until = Timestamp(milliseconds: now.milliseconds + Int64(max(1, milliseconds)))
        state = .saving(until: until, exit: exit)
        guard let policy = job.policy, let path else { return }
        let torn = SavedStep.torn(content(at: now))
        switch policy.kind {
        case .atomic: break
        case .inPlace: disk.write(torn, to: path, at: now, isGrowing: true)
        case .directory:
            for member in members.dropLast() {
                disk.write(torn, to: path + "/" + member, at: now, isGrowing: true)
            }
        }
    }

    private mutating func finishSave(
        at now: Timestamp, on disk: inout SimulatedDisk, _ deeds: inout [Deed]
    ) {
        lastSaved = base
        guard let policy = job.policy, let path else { return }
        saves += 1
        let isWhole = behaviour.damagesEvery.map { saves % max(1, $0) != 0 } ?? true
        let isUsable = isWhole && !disk.isFull
        let bytes = isUsable ? content(at: now) : Array("damaged at \(now.milliseconds)".utf8)
        switch policy.kind {
        case .atomic: disk.replace(path, by: bytes, at: now)
        case .inPlace: disk.write(bytes, to: path, at: now)
        case .directory:
            for member in members { disk.write(bytes, to: path + "/" + member, at: now) }
        }
        written.removeAll { $0 == path }
        written.append(path)
        while written.count > max(1, behaviour.keeps) { disk.remove(written.removeFirst()) }
        let name = String(path.dropFirst(SimulatedDisk.work.count + 1))
        deeds.append(.wrote(path: name, step: base, isUsable: isUsable))
    }

    private func content(at now: Timestamp) -> [UInt8] {
        SavedStep(step: base, attempt: job.attempt, at: now).bytes
    }

    private var path: String? {
        let number = behaviour.restartsNumbers ? base - job.start : base
        return names.map { SimulatedDisk.work + "/" + $0.path(number) }
    }

    /// Of a checkpoint that is a folder, the one that is written last at the end.
    private var members: [String] {
        guard let policy = job.policy else { return [] }
        let named = policy.members.filter { $0 != policy.last } + (policy.last.map { [$0] } ?? [])
        return named.isEmpty ? ["model.bin", "optimizer.bin"] : named
    }
}
