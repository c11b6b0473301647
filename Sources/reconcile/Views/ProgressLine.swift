import Planning
import Reconciliation

/// What happens during a pass, one line each, while a person waits.
enum ProgressLine {
    /// Nil: not worth a line.
    static func text(of occurrence: Occurrence) -> String? {
        switch occurrence {
        case .acting(let action):
            "\(action.verb.glyph) \(action.verb.rawValue) \(action.run): \(action.reason)"
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
