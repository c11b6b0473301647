import Training

/// What of the manifest's commands runs on a simulated machine.
enum SimulatedProcesses: Hashable, Sendable {
    case none
    case setup(until: Timestamp, code: Int)
    case trainer(SimulatedTrainer)

    var next: Timestamp? {
        switch self {
        case .none: nil
        case .setup(let until, _): until
        case .trainer(let trainer): trainer.next
        }
    }

    func step(at now: Timestamp) -> Int? {
        guard case .trainer(let trainer) = self else { return nil }
        return trainer.step(at: now)
    }

    /// What reaches them.
    enum Push {
        case time
        case signal
        case kill
        case power
    }

    mutating func take(
        _ push: Push, at now: Timestamp, on disk: inout SimulatedDisk
    ) -> [SimulatedTrainer.Deed] {
        switch self {
        case .none: return []
        case .setup(let until, let code):
            let status: ExitStatus? =
                switch push {
                case .time: until <= now ? ExitStatus(code: code) : nil
                case .signal: ExitStatus(signal: 15)
                case .kill, .power: ExitStatus(signal: 9)
                }
            guard let status else { return [] }
            self = .none
            return [.ended(status, outlived: false)]
        case .trainer(var trainer):
            let deeds: [SimulatedTrainer.Deed] =
                switch push {
                case .time: trainer.advance(to: now, on: &disk)
                case .signal: trainer.signal(at: now, on: &disk)
                case .kill, .power: trainer.kill(at: now, on: &disk)
                }
            let hasEnded = deeds.contains { if case .ended = $0 { true } else { false } }
            self = hasEnded ? .none : .trainer(trainer)
            return deeds
        }
    }

    /// They stood still for a while.
    mutating func shift(by span: Int64) {
        switch self {
        case .none: break
        case .setup(let until, let code):
            self = .setup(until: Timestamp(milliseconds: until.milliseconds + span), code: code)
        case .trainer(var trainer):
            trainer.shift(by: span)
            self = .trainer(trainer)
        }
    }
}
