import Training

/// Promise 1: at no moment do two attempts of a run both hold the right to commit.
///
/// The right shows in who writes the index: once another has written it, a writer never writes it
/// again. And of two trainers that live at once, only one gets checkpoints committed.
struct OneTrainer: Sendable {
    private struct Life {
        let run: RunName
        let began: Timestamp
        var committed: Timestamp?
    }

    private struct Writers {
        var current: ProcessID
        var former: Set<ProcessID> = []
    }

    private var lives: [InstanceID: Life] = [:]
    private var machines: [RunName: [InstanceID]] = [:]
    private var writers: [RunName: Writers] = [:]

    /// Whether a trainer lives on the machine.
    func isAlive(on machine: InstanceID) -> Bool { lives[machine] != nil }

    func trainers(of run: RunName) -> [InstanceID] { machines[run] ?? [] }

    /// Who wrote the run's index last.
    func claimant(of run: RunName) -> ProcessID? { writers[run]?.current }

    mutating func started(_ run: RunName, on machine: InstanceID, at now: Timestamp) {
        ended(on: machine)
        lives[machine] = Life(run: run, began: now)
        machines[run, default: []].append(machine)
    }

    mutating func ended(on machine: InstanceID) {
        guard let life = lives.removeValue(forKey: machine) else { return }
        machines[life.run]?.removeAll { $0 == machine }
    }

    mutating func wroteIndex(
        of run: RunName, by writer: ProcessID, at now: Timestamp
    ) -> BrokenPromise? {
        guard var known = writers[run] else {
            writers[run] = Writers(current: writer)
            return nil
        }
        guard known.current != writer else { return nil }
        let other = known.current
        let isBack = known.former.contains(writer)
        known.former.remove(writer)
        known.former.insert(other)
        known.current = writer
        writers[run] = known
        guard isBack else { return nil }
        return BrokenPromise(
            .oneTrainer, at: now, run: run, machine: writer.machine,
            "\(writer) wrote the index again, after \(other) had taken it over")
    }

    /// A checkpoint that the machine's agent uploaded stands in the index now.
    mutating func committed(
        _ id: CheckpointID, of run: RunName, by machine: InstanceID, at now: Timestamp
    ) -> BrokenPromise? {
        guard let life = lives[machine] else { return nil }
        lives[machine]?.committed = now
        for other in trainers(of: run) where other != machine {
            guard let rival = lives[other], let last = rival.committed,
                last >= max(life.began, rival.began)
            else { continue }
            return BrokenPromise(
                .oneTrainer, at: now, run: run, machine: machine,
                "committed \(id) while the trainer on \(other), which committed at \(last), lives")
        }
        return nil
    }
}

extension ProcessID {
    /// The machine that an agent runs on.
    var machine: InstanceID? {
        if case .agent(let machine, _) = self { machine } else { nil }
    }
}
