import Training

/// Faults that one alone would hardly ever bring about: each makes room for the next.
extension FaultDraw {
    /// Several faults from about `at` on; none where no run is fit for them.
    mutating func drawChain(_ at: Seconds) -> [Fault] {
        switch generator.span(0...5) {
        case 0: drawLostLaunch(at)
        case 1: drawUnreadable(at)
        case 2: drawFullDisk(at)
        case 3: drawDeafNewcomer(at)
        case 4: drawOutdated()
        default: drawDeafEnd()
        }
    }

    /// A machine is launched, nobody learns of it, and it never comes up: the launch is sent again
    /// for one that has ended.
    private mutating func drawLostLaunch(_ at: Seconds) -> [Fault] {
        guard let run = anyRun({ $0.spec.market == .spot && $0.isTraining(at) }),
            let region = region(of: run)
        else { return [] }
        let crash = Fault.Kind.crash(
            .reconciler(anyReconciler()), call: 1, of: .compute(.launch), isAfterEffect: true)
        return [
            Fault(at: at, .interrupt(run, notice: nil)), Fault(at: at, for: span(0...1), crash),
            Fault(at: at, for: span(5...10), .failedBoot(region: region)),
        ]
    }

    /// Bytes go bad, and are read before others are saved; at times on a machine that cannot end
    /// itself.
    private mutating func drawUnreadable(_ at: Seconds) -> [Fault] {
        let holds = generator.chance(0.5)
        let isFit = { (run: PlannedRun, moment: Seconds) in
            run.hasSaved(moment) && (!holds || run.spec.checkpoint?.onInvalid == .hold)
        }
        var at = at
        var choice = anyRun { isFit($0, at) }
        // At times a person changes the manifest of the run that is held then.
        if holds, let answer = change(of: { isFit($0, $1) }) {
            at = moment(answer.at, -2400 ... -1200)
            choice = answer.change.run
        }
        guard let run = choice else { return [] }
        let faults = [
            Fault(at: at, .rot(run)), Fault(at: moment(at, 10...300), .powerCut(run)),
        ]
        guard generator.chance(0.6) else { return faults }
        return faults + [Fault(at: at, for: span(30...240), .blind(run))]
    }

    /// A checkpoint is to be fetched where nothing more fits.
    private mutating func drawFullDisk(_ at: Seconds) -> [Fault] {
        guard let run = anyRun({ $0.hasSaved(at) }) else { return [] }
        return [
            Fault(at: at, for: span(20...240), .fullDisk(run)),
            Fault(at: moment(at, 10...300), .powerCut(run)),
        ]
    }

    /// A new machine comes up, and never reaches the store.
    private mutating func drawDeafNewcomer(_ at: Seconds) -> [Fault] {
        guard let run = anyRun({ $0.spec.market == .spot && $0.isTraining(at) }) else { return [] }
        let deaf = Fault.Kind.cut(.agent(run), from: .store)
        return [
            Fault(at: at, .interrupt(run, notice: nil)),
            Fault(at: moment(at, 70...110), for: span(30...60), deaf),
            Fault(at: moment(at, 120...180), for: span(30...60), deaf),
        ]
    }

    /// A machine stops that is not what its manifest asks for any more.
    private mutating func drawOutdated() -> [Fault] {
        guard
            let edit = change(of: { run, _ in
                run.spec.market.canStop && [.nextAttempt, .hold].contains(run.spec.onChange)
            }), let run = edit.change.run
        else { return [] }
        return [Fault(at: moment(edit.at, 300...3600), .powerCut(run))]
    }

    /// A change that only another attempt takes up, of a run that fits at that moment.
    private mutating func change(of fits: (PlannedRun, Seconds) -> Bool) -> Edit? {
        edits.filter { edit in
            guard case .amend(let name, .environment) = edit.change else { return false }
            return runs.contains { $0.spec.name == name && fits($0, edit.at) }
        }.randomElement(using: &generator)
    }

    /// A machine is to go, and its agent does not hear of it.
    private mutating func drawDeafEnd() -> [Fault] {
        let ends =
            edits(to: .stopped) + edits(to: .terminated)
            + edits.filter { edit in
                if case .remove = edit.change { true } else { false }
            }
        guard let end = ends.randomElement(using: &generator), let run = end.change.run else {
            return []
        }
        let at = moment(end.at, -60...20)
        return generator.chance(0.5)
            ? [Fault(at: at, for: span(15...60), .freeze(.agent(run)))]
            : [Fault(at: at, for: span(15...90), .cut(.agent(run), from: .store))]
    }

    // MARK: Calls that come seldom

    /// Shortly before people want what leads to such a call; nil: nobody does.
    mutating func moment(before kind: PortCall.Kind?) -> Seconds? {
        guard kind == .compute(.stop) else { return nil }
        return stops.randomElement(using: &generator).map { moment($0.at, -60...0) }
    }

    /// Edits that want a machine to be stopped.
    var stops: [Edit] {
        edits(to: .stopped)
            + edits.filter { edit in
                guard case .remove(let run) = edit.change else { return false }
                return runs.contains {
                    $0.spec.name == run && $0.spec.market.canStop && $0.spec.onRemoval == .stop
                }
            }
    }

    /// What leads to such a call a while after `at`.
    mutating func drawCause(of kind: PortCall.Kind?, _ at: Seconds) -> [Fault] {
        switch kind {
        case .compute(.start):
            anyRun { $0.spec.market.canStop && $0.isTraining(at) }
                .map { [Fault(at: moment(at, 0...60), .console($0, .stop))] } ?? []
        case .compute(.console): drawDeafNewcomer(at)
        case .store(.download):
            anyRun { $0.hasSaved(at) }.map { [Fault(at: moment(at, 0...60), .powerCut($0))] } ?? []
        default: []
        }
    }

    /// Edits that set the state of runs whose machines can be stopped.
    func edits(to state: DesiredState) -> [Edit] {
        edits.filter { edit in
            guard case .amend(let run, .state(state)) = edit.change else { return false }
            return runs.contains { $0.spec.name == run && $0.spec.market.canStop }
        }
    }

    func region(of run: RunName) -> String? {
        runs.first { $0.spec.name == run }?.spec.profile
    }
}

extension PlannedRun {
    /// Whether it has not completed by then, if nothing comes between.
    fileprivate func isTraining(_ moment: Seconds) -> Bool {
        at < moment && moment < at + training(of: trainer.steps)
    }

    /// Whether it has a checkpoint by then, and has not completed, if nothing comes between.
    fileprivate func hasSaved(_ moment: Seconds) -> Bool {
        guard let every = spec.checkpoint?.every else { return false }
        let first = max(every, training(of: trainer.saveEvery))
        return isTraining(moment) && at + first + .minutes(30) < moment
    }

    private func training(of steps: Int) -> Seconds {
        Seconds(steps * 3600 / max(1, trainer.stepsPerHour))
    }
}
