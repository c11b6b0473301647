import Training

/// Draws what goes wrong.
struct FaultDraw {
    var generator: SplitMix64
    let size: Scenario.Size
    let weather: Weather
    let regions: [String]
    let runs: [PlannedRun]
    let reconcilers: Int
    /// What people want: half of all faults strike just then.
    let edits: [Edit]
    /// The run of that edit, where it is the one to strike.
    private var subject: RunName?

    init(
        generator: SplitMix64, size: Scenario.Size, weather: Weather, regions: [String],
        runs: [PlannedRun], reconcilers: Int, edits: [Edit]
    ) {
        self.generator = generator
        self.size = size
        self.weather = weather
        self.regions = regions
        self.runs = runs
        self.reconcilers = reconcilers
        self.edits = edits
    }

    mutating func draw() -> [Fault] {
        var faults = (0..<size.crashes).flatMap { _ in drawCrash() }
        while faults.count < size.faults {
            let at = moment(near: faults)
            faults += generator.chance(0.1) ? drawChain(at) : [drawOne(at)]
        }
        return faults.sorted { $0.at < $1.at }
    }

    // MARK: When and whom

    /// Faults that fall together find more than faults alone; and most, when they befall a run of
    /// which somebody wants something.
    private mutating func moment(near faults: [Fault]) -> Seconds {
        let near =
            runs.map { ($0.at, $0.spec.name) } + edits.map { ($0.at, $0.change.run) }
            + faults.map { ($0.at, $0.kind.run) }
        subject = nil
        guard generator.chance(0.5), let (anchor, run) = near.randomElement(using: &generator)
        else { return Seconds(Int(generator.span(0...Int64(last.count)))) }
        if generator.chance(0.5) { subject = run }
        return moment(anchor, -60...300)
    }

    private var last: Seconds { size.span - 60 }

    /// So many seconds before or after another moment.
    mutating func moment(_ anchor: Seconds, _ delay: ClosedRange<Int64>) -> Seconds {
        min(last, max(0, Seconds(anchor.count + Int(generator.span(delay)))))
    }

    mutating func span(_ minutes: ClosedRange<Int64>) -> Seconds {
        Seconds(Int(generator.span(minutes.lowerBound * 60...minutes.upperBound * 60)))
    }

    private mutating func anyRun() -> RunName {
        let run = runs[Int(generator.span(0...Int64(runs.count - 1)))].spec.name
        return subject ?? run
    }

    /// A run that fits; nil: there is none.
    mutating func anyRun(_ fits: (PlannedRun) -> Bool) -> RunName? {
        runs.filter(fits).randomElement(using: &generator)?.spec.name
    }

    mutating func anyReconciler() -> Int { Int(generator.span(1...Int64(reconcilers))) }

    private mutating func anyRegion() -> String {
        regions[Int(generator.span(0...Int64(regions.count - 1)))]
    }

    private mutating func anyProgram() -> Fault.Program {
        generator.chance(0.5) ? .reconciler(anyReconciler()) : .agent(anyRun())
    }

    // MARK: What

    /// A crash, and what brings the call about at which it strikes, where that comes seldom.
    private mutating func drawCrash() -> [Fault] {
        var program: Fault.Program =
            generator.chance(0.6) ? .reconciler(anyReconciler()) : .agent(anyRun())
        // Nearly always soon, as people and service managers restart.
        let pause = generator.chance(0.9) ? span(0...5) : span(30...240)
        let kind = generator.chance(0.6) ? drawKind(program) : nil
        let isSeldom = [.start, .stop, .console].contains { kind == .compute($0) }
        let at = moment(before: kind) ?? moment(near: [])
        let cause = drawCause(of: kind, at)
        if case .agent = program, let run = cause.last?.kind.run { program = .agent(run) }
        let calls: ClosedRange<Int64> = kind == nil ? 1...30 : isSeldom ? 1...1 : 1...2
        let crash = Fault(
            at: at, for: pause,
            .crash(
                program, call: Int(generator.span(calls)), of: kind,
                isAfterEffect: generator.chance(0.5)))
        return [crash] + cause
    }

    /// Most calls only look: the others would hardly ever be the one.
    private mutating func drawKind(_ program: Fault.Program) -> PortCall.Kind? {
        let kinds: [PortCall.Kind]
        switch program {
        case .reconciler:
            if !stops.isEmpty, generator.chance(0.15) { return .compute(.stop) }
            kinds = [
                .store(.put), .store(.put), .store(.delete), .store(.time), .source,
                .compute(.look), .compute(.launch), .compute(.launch), .compute(.start),
                .compute(.start), .compute(.stop), .compute(.terminate), .compute(.terminate),
                .compute(.console), .compute(.console),
                .compute(.placement), .compute(.describe),
            ]
        case .agent:
            kinds = [
                .store(.get), .store(.put), .store(.put), .store(.upload), .store(.head),
                .store(.list), .store(.download), .store(.time),
            ]
        }
        return kinds.randomElement(using: &generator)
    }

    private mutating func drawOne(_ at: Seconds) -> Fault {
        let fromWeather: Double =
            switch weather {
            case .calm: 0.15
            case .busy: 0.35
            case .storm: 0.45
            }
        return generator.chance(fromWeather) ? drawWeather(at) : drawTrouble(at)
    }

    /// What EC2 and people at its console do.
    private mutating func drawWeather(_ at: Seconds) -> Fault {
        switch generator.span(0...99) {
        case ..<35: return Fault(at: at, .interrupt(anyRun(), notice: drawNotice()))
        case ..<45: return Fault(at: at, .rebalance(anyRun()))
        case ..<50: return Fault(at: at, .maintenance(anyRun()))
        case ..<60: return Fault(at: at, .powerCut(anyRun()))
        case ..<70: return drawDrought(at)
        case ..<75:
            return Fault(at: at, for: span(5...60), .spike(region: anyRegion(), factor: 4))
        default:
            let act = Fault.Act.allCases.randomElement(using: &generator) ?? .stop
            return Fault(at: at, .console(anyRun(), act))
        }
    }

    /// Often just when a stopped machine is to be started.
    private mutating func drawDrought(_ at: Seconds) -> Fault {
        let restarts = edits(to: .running)
        guard generator.chance(0.5), let restart = restarts.randomElement(using: &generator) else {
            return Fault(at: at, for: span(5...30), .drought(region: anyRegion()))
        }
        let place = restart.change.run.flatMap { region(of: $0) } ?? anyRegion()
        return Fault(at: moment(restart.at, -60...0), for: span(5...30), .drought(region: place))
    }

    private mutating func drawNotice() -> Int64? {
        switch generator.span(0...9) {
        case 0: nil
        case 1: 0
        case 2...5: generator.span(1...120_000)
        default: 120_000
        }
    }

    private mutating func drawTrouble(_ at: Seconds) -> Fault {
        switch generator.span(0...99) {
        case ..<12: return Fault(at: at, for: span(1...45), .freeze(anyProgram()))
        case ..<18:
            return Fault(
                at: at, for: span(10...600),
                .drift(anyProgram(), by: generator.span(-600_000...600_000)))
        case ..<36: return Fault(at: at, for: span(1...90), .cut(anyProgram(), from: anyService()))
        case ..<46: return Fault(at: at, for: span(1...45), .cut(nil, from: anyService()))
        case ..<62:
            let chance = Double(generator.span(2...30)) / 100
            let loss: Fault.Kind = .loss(requests: chance / 2, replies: chance)
            return Fault(at: at, for: span(5...60), loss)
        case ..<70:
            let share = Double(generator.span(5...60)) / 100
            return Fault(at: at, for: span(5...60), .slowness(share: share))
        case ..<74: return Fault(at: at, for: span(1...30), .bucketGone)
        case ..<78: return Fault(at: at, for: span(1...5), .throttle(region: anyRegion()))
        case ..<83: return Fault(at: at, for: span(10...60), .slowBoot(region: anyRegion()))
        case ..<86: return Fault(at: at, for: span(5...30), .failedBoot(region: anyRegion()))
        case ..<89:
            let denial: Fault.Denial = generator.chance(0.7) ? .credentials : .launches
            return Fault(at: at, for: span(1...20), .denied(region: anyRegion(), denial))
        case ..<91:
            let left = Int(generator.span(0...2))
            let region = anyRegion()
            return Fault(at: at, for: span(5...60), .fullSubnets(region: region, left: left))
        case ..<94: return drawBlindness(at)
        case ..<96: return Fault(at: at, for: span(10...240), .unsaved(anyRun()))
        case ..<98: return Fault(at: at, .rot(anyRun()))
        default: return Fault(at: at, for: span(5...120), .bloat(anyRun()))
        }
    }

    /// A machine that cannot see its metadata does not end itself: this lasts until a run ends.
    private mutating func drawBlindness(_ at: Seconds) -> Fault {
        let run =
            generator.chance(0.6)
            ? anyRun { $0.spec.maxDuration != nil || $0.trainer.trouble != nil } : nil
        return Fault(at: at, for: span(60...2400), .blind(run ?? anyRun()))
    }

    private mutating func anyService() -> PortCall.Service? {
        switch generator.span(0...3) {
        case 0: nil
        case 1: .store
        case 2: .compute(region: anyRegion())
        default: .source
        }
    }
}
