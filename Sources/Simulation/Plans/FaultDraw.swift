import Training

/// Draws what goes wrong.
struct FaultDraw {
    var generator: SplitMix64
    let size: Scenario.Size
    let weather: Weather
    let regions: [String]
    let runs: [PlannedRun]
    let reconcilers: Int
    /// When people want something: half of all faults strike just then.
    let moments: [Seconds]

    mutating func draw() -> [Fault] {
        var faults = (0..<size.crashes).map { _ in drawCrash() }
        while faults.count < size.faults {
            faults.append(drawOne(near: faults))
        }
        return faults.sorted { $0.at < $1.at }
    }

    // MARK: When and whom

    /// Faults that fall together find more than faults alone.
    private mutating func moment(near faults: [Fault]) -> Seconds {
        let last = Int64(size.span.count - 60)
        let near = moments + faults.map(\.at)
        guard generator.chance(0.5), let anchor = near.randomElement(using: &generator) else {
            return Seconds(Int(generator.span(0...last)))
        }
        return Seconds(Int(min(last, Int64(anchor.count) + generator.span(0...300))))
    }

    private mutating func span(_ minutes: ClosedRange<Int64>) -> Seconds {
        Seconds(Int(generator.span(minutes.lowerBound * 60...minutes.upperBound * 60)))
    }

    private mutating func anyRun() -> RunName {
        runs[Int(generator.span(0...Int64(runs.count - 1)))].spec.name
    }

    private mutating func anyReconciler() -> Int { Int(generator.span(1...Int64(reconcilers))) }

    private mutating func anyRegion() -> String {
        regions[Int(generator.span(0...Int64(regions.count - 1)))]
    }

    private mutating func anyProgram() -> Fault.Program {
        generator.chance(0.5) ? .reconciler(anyReconciler()) : .agent(anyRun())
    }

    // MARK: What

    private mutating func drawCrash() -> Fault {
        let program: Fault.Program =
            generator.chance(0.6) ? .reconciler(anyReconciler()) : .agent(anyRun())
        // Nearly always soon, as people and service managers restart.
        let pause = generator.chance(0.9) ? span(0...5) : span(30...240)
        let kind = generator.chance(0.6) ? drawKind(program) : nil
        return Fault(
            at: moment(near: []), for: pause,
            .crash(
                program, call: Int(generator.span(kind == nil ? 1...30 : 1...2)), of: kind,
                isAfterEffect: generator.chance(0.5)))
    }

    /// Most calls only look: the others would hardly ever be the one.
    private mutating func drawKind(_ program: Fault.Program) -> PortCall.Kind? {
        let kinds: [PortCall.Kind]
        switch program {
        case .reconciler:
            kinds = [
                .store(.put), .store(.put), .store(.delete), .store(.time), .source,
                .compute(.look), .compute(.launch), .compute(.launch), .compute(.start),
                .compute(.stop), .compute(.terminate), .compute(.terminate), .compute(.tag),
                .compute(.console), .compute(.placement), .compute(.describe),
            ]
        case .agent:
            kinds = [
                .store(.get), .store(.put), .store(.put), .store(.upload), .store(.head),
                .store(.list), .store(.download), .store(.time),
            ]
        }
        return kinds.randomElement(using: &generator)
    }

    private mutating func drawOne(near faults: [Fault]) -> Fault {
        let at = moment(near: faults)
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
        case ..<70: return Fault(at: at, for: span(5...30), .drought(region: anyRegion()))
        case ..<75:
            return Fault(at: at, for: span(5...60), .spike(region: anyRegion(), factor: 4))
        default:
            let act = Fault.Act.allCases.randomElement(using: &generator) ?? .stop
            return Fault(at: at, .console(anyRun(), act))
        }
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
        case ..<72:
            let share = Double(generator.span(5...60)) / 100
            return Fault(at: at, for: span(5...60), .slowness(share: share))
        case ..<77: return Fault(at: at, for: span(1...30), .bucketGone)
        case ..<84: return Fault(at: at, for: span(1...5), .throttle(region: anyRegion()))
        case ..<90: return Fault(at: at, for: span(10...60), .slowBoot(region: anyRegion()))
        case ..<92: return Fault(at: at, for: span(10...120), .blind(anyRun()))
        case ..<96: return Fault(at: at, for: span(5...30), .failedBoot(region: anyRegion()))
        default: return Fault(at: at, .rot(anyRun()))
        }
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
