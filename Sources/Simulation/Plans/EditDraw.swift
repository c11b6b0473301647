import Training

/// Draws what people do to the repository.
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
        let run = runs[Int(generator.span(0...Int64(runs.count - 1)))].spec.name
        let span = Seconds(Int(generator.span(120...10_800)))
        switch generator.span(0...99) {
        case ..<45: return [Edit(at: at, .amend(run, drawAmendment()))]
        case ..<53:
            return [
                Edit(at: at, .amend(run, .state(.stopped))),
                Edit(at: later, .amend(run, .state(.running))),
            ]
        case ..<58:
            let ends = at + Seconds(Int(generator.span(600...36_000)))
            let until = generator.chance(0.5) ? ends : nil
            return [
                Edit(at: at, .amend(run, .suspend(until: until))),
                Edit(at: ends, .amend(run, .lift)),
            ]
        case ..<68: return [Edit(at: at, .remove(run))]
        case ..<75: return [Edit(at: at, .remove(run)), Edit(at: later, .restore(run))]
        case ..<80: return [Edit(at: at, .spoil(run)), Edit(at: later, .mend)]
        case ..<83: return [Edit(at: at, .empty), Edit(at: later, .mend)]
        case ..<87:
            return [Edit(at: at, .pushBack(commits: Int(generator.span(1...3)), span: span))]
        case ..<90: return [Edit(at: at, .rewrite(span: span))]
        case ..<96:
            let why = Edit.Outage.allCases.randomElement(using: &generator) ?? .unreachable
            return [Edit(at: at, .outage(why, span: span))]
        default:
            let number = Int(generator.span(1...Int64(reconcilers)))
            let commits = Int(generator.span(1...3))
            return [Edit(at: at, .lag(reconciler: number, commits: commits, span: span))]
        }
    }

    private mutating func drawAmendment() -> Edit.Amendment {
        revisions += 1
        switch generator.span(0...99) {
        case ..<15: return .keep(Int(generator.span(2...6)))
        case ..<25: return .grace(Seconds(Int(generator.span(5...240))))
        case ..<30: return .retries(Int(generator.span(0...6)))
        case ..<50: return .environment("\(revisions)")
        case ..<60: return .market(generator.chance(0.5) ? .spot : .onDemand)
        case ..<68: return .generation
        case ..<76:
            let id = CheckpointID(attempt: Int(generator.span(1...2)), sequence: 1)
            return .resumeFrom(CheckpointReference(checkpoint: id))
        case ..<88: return .code(tree: WorkloadDraw.tree(1000 + revisions))
        default: return .state(.terminated)
        }
    }
}
