import ArgumentParser
import Planning
import Reconciliation
import Training

/// What makes an exit code other than 0.
struct ExitOptions: ParsableArguments {
    @Flag(
        name: .customLong("detailed-exitcode"), help: "Exit with 2 when there are changes.")
    var isDetailed = false

    @Flag(name: .customLong("fail-on-held"), help: "Exit with 3 when a run is held.")
    var failsOnHeld = false
}

/// What a pass means for its exit code.
struct PassOutcome: Hashable, Sendable {
    var hasFailed: Bool
    /// By the fuse or by a held revision.
    var isBlocked: Bool
    var hasHeldRun: Bool

    init(hasFailed: Bool, isBlocked: Bool, hasHeldRun: Bool) {
        self.hasFailed = hasFailed
        self.isBlocked = isBlocked
        self.hasHeldRun = hasHeldRun
    }

    init(_ result: ReconcileResult) {
        hasFailed =
            result.plan == nil || !result.problems.isEmpty
            || result.diagnostics.contains { $0.severity == .error }
        isBlocked = result.held != nil || result.plan?.blocked.isEmpty == false
        hasHeldRun =
            result.plan?.inactions.contains { inaction in
                if case .held = inaction.reason { return true }
                return false
            } ?? false
    }

    /// One code for all; `isLate`: convergence was waited for and did not come.
    func exit(_ options: ExitOptions, changes: Bool, isLate: Bool = false) -> ExitReason {
        var reasons: [ExitReason] = []
        if hasFailed { reasons.append(.error) }
        if isBlocked || hasHeldRun && options.failsOnHeld { reasons.append(.blocked) }
        if isLate { reasons.append(.notConverged) }
        if changes && options.isDetailed { reasons.append(.changes) }
        return .combined(reasons)
    }
}
