import Planning
import Reconciliation
import Synchronization
import Training

/// What happens during a pass, one line each, while a person waits.
final class ProgressLines: Sendable {
    private let begun = Mutex<Set<PlannedAction.Subject>>([])

    /// Nil: not worth a line.
    ///
    /// An action that takes several rounds, such as a launch, is told once.
    func text(of occurrence: Occurrence) -> String? {
        switch occurrence {
        case .acting(let action):
            begun.withLock { $0.insert(action.subject).inserted }
                ? "\(action.verb.glyph) \(action.verb.rawValue) \(action.run): \(action.reason)"
                : nil
        case .actionStale(let action, let why):
            "  \(action.verb.rawValue) \(action.run) is planned anew: \(why)"
        case .actionFailed(let action, let why):
            "  \(action.verb.rawValue) \(action.run) failed: \(why)"
        case .revisionApplied(let revision): "applying \(revision)"
        case .planned, .acted, .sourceFailed, .storeFailed, .revisionHeld, .manifestsInvalid:
            nil
        }
    }
}

extension PlannedAction {
    /// What makes two actions of one pass the same thing to a person.
    struct Subject: Hashable {
        var run: RunName
        var attempt: Int?
        /// A launch goes on as `resume` of its frozen request.
        var isRetirement: Bool
        var endsMachine: Bool
    }

    var subject: Subject {
        Subject(
            run: run, attempt: attempt, isRetirement: verb == .retire,
            endsMachine: verb == .stop || verb == .terminate)
    }
}

extension ReconcileResult {
    /// What was done, each thing once.
    var distinctlyApplied: [PlannedAction] {
        var seen: Set<PlannedAction.Subject> = []
        return applied.filter { seen.insert($0.subject).inserted }
    }

    /// Whether machines or runs were changed; retiring old checkpoints is housekeeping.
    var changedAnything: Bool { applied.contains { $0.verb != .retire } }
}
