import Processes
import Synchronization

/// Watches the trainers of one workshop from beginning to end of a test.
final class TrainerWatch: Sendable {
    private struct Sightings {
        var violations: [String] = []
        var seen: [ProcessIdentity: ProcessTable.Entry] = [:]
        var order: [ProcessIdentity] = []
    }

    private let sightings = Mutex(Sightings())
    private let mark: String

    init(mark: String) {
        self.mark = mark
    }

    /// Looks again and again until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            look()
            try? await Task.sleep(for: .milliseconds(100))
        }
    }

    private func look() {
        let trainers = ProcessTable.trainers(of: mark)
        let doubled = Dictionary(grouping: trainers) { $0.run ?? "" }.compactMap { run, group in
            // One look is not one moment: what counts is that both live after it.
            group.count(where: \.identity.isAlive) > 1
                ? "\(run) had \(group.map(\.identity.pid)) at once" : nil
        }
        sightings.withLock { sightings in
            sightings.violations += doubled
            for trainer in trainers where sightings.seen[trainer.identity] == nil {
                sightings.seen[trainer.identity] = trainer
                sightings.order.append(trainer.identity)
            }
        }
    }

    /// Every moment at which a run had two trainers.
    var violations: [String] { sightings.withLock(\.violations) }

    /// Every trainer that was seen, in the order of its first sight.
    var seen: [ProcessTable.Entry] {
        sightings.withLock { sightings in sightings.order.compactMap { sightings.seen[$0] } }
    }
}
