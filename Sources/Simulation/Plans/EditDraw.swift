import Training

/// Draws what people do to the repository and at the control plane.
struct EditDraw {
    var generator: SplitMix64
    let size: Scenario.Size
    let runs: [PlannedRun]
    let reconcilers: Int
    private var revisions = 0

    init(generator: SplitMix64, size: Scenario.Size, runs: [PlannedRun], reconcilers: Int) {
        self.generator = generator
        self.size = size
        self.runs = runs
        self.reconcilers = reconcilers
    }

    mutating func draw() -> [Edit] {
        (0..<size.edits).flatMap { _ in drawOne() }.sorted { $0.at < $1.at }
    }

    /// One edit, and what sets it right again where that needs a person.
    private mutating func drawOne() -> [Edit] {
        let at = Seconds(Int(generator.span(600...Int64(size.span.count - 600))))
        let later = at + Seconds(Int(generator.span(60...14_400)))
        let run = pick { _ in true }
        let span = Seconds(Int(generator.span(120...10_800)))
        switch generator.span(0...99) {
        case ..<42: return [drawAmendment(at: at)]
        case ..<50:
            // Mostly of a machine that stays, and is started again.
            let run = generator.chance(0.7) ? pick { $0.spec.market.canStop } : run
            return [
                Edit(at: at, .amend(run, .state(.stopped))),
                Edit(at: later, .amend(run, .state(.running))),
            ]
        case ..<55:
            let ends = at + Seconds(Int(generator.span(600...36_000)))
            let until = generator.chance(0.5) ? ends : nil
            return [
                Edit(at: at, .amend(run, .suspend(until: until))),
                Edit(at: ends, .amend(run, .lift)),
            ]
        case ..<63: return [Edit(at: at, .remove(run))]
        case ..<70: return [Edit(at: at, .remove(run)), Edit(at: later, .restore(run))]
        case ..<73: return drawSweep(at: at)
        case ..<78: return [Edit(at: at, .spoil(run)), Edit(at: later, .mend)]
        case ..<81: return [Edit(at: at, .empty), Edit(at: later, .mend)]
        case ..<85:
            return [Edit(at: at, .pushBack(commits: Int(generator.span(1...3)), span: span))]
        case ..<88: return [Edit(at: at, .rewrite(span: span))]
        case ..<93:
            let why = Edit.Outage.allCases.randomElement(using: &generator) ?? .unreachable
            return [Edit(at: at, .outage(why, span: span))]
        case ..<96: return [Edit(at: at, .resume)]
        default:
            let number = Int(generator.span(1...Int64(reconcilers)))
            let commits = Int(generator.span(1...3))
            return [Edit(at: at, .lag(reconciler: number, commits: commits, span: span))]
        }
    }

    /// Many manifests change at once, or go: more than a fuse lets pass.
    private mutating func drawSweep(at moment: Seconds) -> [Edit] {
        let all = runs.map(\.spec.name).shuffled(using: &generator)
        let value = "sweep \(moment)"
        let removes = generator.chance(0.4)
        return all.prefix(Int(generator.span(4...10))).map { run in
            Edit(at: moment, removes ? .remove(run) : .amend(run, .environment(value)))
        }
    }

    private mutating func drawAmendment(at moment: Seconds) -> Edit {
        revisions += 1
        var run = pick { _ in true }
        let amendment: Edit.Amendment
        switch generator.span(0...99) {
        case ..<13: amendment = .keep(Int(generator.span(2...6)))
        case ..<21: amendment = .grace(Seconds(Int(generator.span(5...240))))
        case ..<25: amendment = .retries(Int(generator.span(0...6)))
        case ..<32:
            run = pick { $0.spec.maxDuration != nil }
            amendment = .maxDuration(.hours(Int(generator.span(20...100))))
        case ..<50:
            if generator.chance(0.3) {
                run = pick {
                    $0.spec.market.canStop && [.nextAttempt, .hold].contains($0.spec.onChange)
                }
            }
            amendment = .environment("\(revisions)")
        case ..<60: amendment = .market(generator.chance(0.5) ? .spot : .onDemand)
        case ..<68: amendment = .generation
        case ..<76:
            let id = CheckpointID(attempt: Int(generator.span(1...2)), sequence: 1)
            amendment = .resumeFrom(CheckpointReference(checkpoint: id))
        case ..<88:
            run = pick { $0.spec.workdir != nil }
            amendment = .code(tree: WorkloadDraw.tree(1000 + revisions))
        default: amendment = .state(.terminated)
        }
        return Edit(at: moment, .amend(run, amendment))
    }

    /// A run that fits, or any where none does.
    private mutating func pick(_ fits: (PlannedRun) -> Bool) -> RunName {
        let fitting = runs.filter(fits)
        let choice = fitting.isEmpty ? runs : fitting
        return choice[Int(generator.span(0...Int64(choice.count - 1)))].spec.name
    }
}
