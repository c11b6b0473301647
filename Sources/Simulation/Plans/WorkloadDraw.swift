import Training

/// Draws the runs of a scenario.
struct WorkloadDraw {
    var generator: SplitMix64
    let size: Scenario.Size
    let regions: [String]

    static let types = ["g4dn.xlarge", "g5.xlarge", "g6.xlarge"]

    mutating func draw() -> [PlannedRun] {
        (1...size.runs).compactMap { number in
            let digits = number < 10 ? "0\(number)" : "\(number)"
            guard let name = RunName("run-\(digits)") else { return nil }
            // Most stand there from the beginning; the others come in the first half.
            let isLate = number > 1 && generator.chance(0.25)
            let moment = isLate ? Seconds(Int(generator.span(0...half))) : 0
            let spec = draw(name)
            return PlannedRun(
                spec, drawTrainer(spec), tree: spec.workdir.map { _ in Self.tree(number) },
                at: moment)
        }
    }

    private var half: Int64 { Int64(size.span.count / 2) }

    /// A tree id that is not another run's.
    static func tree(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "a", count: 40 - digits.utf8.count) + digits
    }

    private mutating func draw(_ name: RunName) -> RunSpec {
        let every = Seconds.hours(Int(generator.span(1...6)))
        let market: Market = generator.chance(0.7) ? .spot : .onDemand
        let savesNothing = generator.chance(0.05)
        return RunSpec(
            name: name, market: market, profile: pick(regions),
            resources: drawResources(market),
            workdir: generator.chance(0.2) ? "trainers/\(name)" : nil,
            setup: generator.chance(0.2) ? "./setup" : nil, run: "./train",
            resume: generator.chance(0.5) ? "./train --resume {checkpoint}" : nil,
            onChange: generator.chance(0.4) ? pick([.relaunch, .nextAttempt, .hold]) : nil,
            checkpoint: savesNothing
                ? nil
                : CheckpointPolicy(
                    path: "checkpoints/step-*", every: every,
                    keep: Int(generator.span(2...4)),
                    onInvalid: pick([.previous, .previous, .previous, .fresh, .hold])),
            stop: StopPolicy(
                grace: Seconds(Int(generator.span(10...180))),
                onTimeout: generator.chance(0.3) ? .hold : .proceed),
            interruption: generator.chance(0.9) ? .resume : pick([.hold, .fail]),
            onCompletion: pick([.terminate, .terminate, .terminate, .stop, .keep]),
            onFailure: generator.chance(0.2) ? .keep(.minutes(30)) : .terminate,
            retries: RetryPolicy(
                limit: Int(generator.span(1...4)), backoff: Seconds(Int(generator.span(10...60)))),
            maxDuration: generator.chance(0.1) ? .hours(Int(generator.span(4...40))) : nil,
            onRemoval: pick([.terminate, .terminate, .terminate, .stop, .orphan]))
    }

    private mutating func drawResources(_ market: Market) -> Resources {
        var types = [pick(Self.types)]
        if generator.chance(0.3) { types = Self.types.shuffled(using: &generator) }
        // A slip of the pen: no region offers it.
        if generator.chance(0.001) { types = ["g5.xlrage"] }
        return Resources(
            choices: types.map { MachineChoice(instanceType: $0) },
            isOrdered: generator.chance(0.5),
            fallback: market == .spot && generator.chance(0.4) ? .onDemand : .none,
            maxHourlyCost: nil, diskSize: generator.chance(0.2) ? 100 : nil)
    }

    /// One step a minute, a checkpoint every few hours, up to two days of training.
    ///
    /// A run's seldom checkpoints are what makes a trial cheap.
    private mutating func drawTrainer(_ spec: RunSpec) -> TrainerBehaviour {
        var trainer = TrainerBehaviour()
        trainer.stepsPerHour = 60
        trainer.steps = Int(generator.span(120...3000))
        let isBusy = generator.chance(0.1)
        trainer.saveEvery = Int(generator.span(isBusy ? 30...120 : 300...1200))
        trainer.saving = Int(generator.span(500...120_000))
        trainer.keeps = Int(generator.span(1...3))
        trainer.restartsNumbers = generator.chance(0.1)
        trainer.onSignal = drawAnswer()
        if generator.chance(0.15) {
            let isHang = generator.chance(0.3)
            trainer.trouble = TrainerBehaviour.Trouble(
                isHang ? .hang : .exit(code: Int(generator.span(1...3))),
                at: Int(generator.span(1...Int64(trainer.steps))),
                untilAttempt: generator.chance(0.2) ? .max : Int(generator.span(1...4)))
        }
        if generator.chance(0.1) { trainer.damagesEvery = Int(generator.span(2...4)) }
        if generator.chance(0.1) { trainer.outlivedFor = Int(generator.span(1000...90_000)) }
        if spec.setup != nil {
            trainer.setup = Int(generator.span(5_000...600_000))
            if generator.chance(0.05) { trainer.setupCode = 1 }
        }
        return trainer
    }

    private mutating func drawAnswer() -> TrainerBehaviour.OnSignal {
        switch generator.span(0...9) {
        case 0: .ignore
        case 1...2: .die
        default:
            .save(
                milliseconds: Int(generator.span(500...90_000)),
                code: generator.chance(0.5) ? 0 : 143)
        }
    }

    private mutating func pick<Value>(_ values: [Value]) -> Value {
        values[Int(generator.span(0...Int64(values.count - 1)))]
    }
}
