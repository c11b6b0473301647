import ArgumentParser
import Testing

@testable import reconcile

@Suite struct ExitReasonTests {
    @Test(
        "several reasons → 1, then 3, 4, 2, 0",
        arguments: [
            ([], .success), ([.success, .changes], .changes),
            ([.changes, .notConverged], .notConverged), ([.notConverged, .blocked], .blocked),
            ([.blocked, .changes, .error, .notConverged], .error),
        ] as [([ExitReason], ExitReason)])
    func precedence(reasons: [ExitReason], wanted: ExitReason) {
        #expect(ExitReason.combined(reasons) == wanted)
        #expect(ExitReason.combined(reasons.reversed()) == wanted)
    }

    @Test("the codes → those that CI scripts know")
    func codes() {
        #expect(ExitReason.allCases.map(\.rawValue) == [0, 1, 2, 3, 4])
    }

    struct Pass: Sendable {
        var outcome: PassOutcome
        var flags: [String] = []
        var changes = false
        var isLate = false
        var wanted: ExitReason
    }

    static let quiet = PassOutcome(hasFailed: false, isBlocked: false, hasHeldRun: false)
    static let held = PassOutcome(hasFailed: false, isBlocked: false, hasHeldRun: true)
    static let blocked = PassOutcome(hasFailed: false, isBlocked: true, hasHeldRun: false)
    static let failed = PassOutcome(hasFailed: true, isBlocked: true, hasHeldRun: true)

    @Test(
        "what a pass met → one code",
        arguments: [
            Pass(outcome: quiet, wanted: .success),
            Pass(outcome: quiet, changes: true, wanted: .success),
            Pass(
                outcome: quiet, flags: ["--detailed-exitcode"], changes: true, wanted: .changes),
            Pass(outcome: quiet, flags: ["--detailed-exitcode"], wanted: .success),
            Pass(
                outcome: quiet, flags: ["--detailed-exitcode"], changes: true, isLate: true,
                wanted: .notConverged),
            Pass(outcome: held, wanted: .success),
            Pass(outcome: held, flags: ["--fail-on-held"], wanted: .blocked),
            Pass(outcome: blocked, isLate: true, wanted: .blocked),
            Pass(outcome: failed, flags: ["--fail-on-held"], isLate: true, wanted: .error),
        ])
    func pass(pass: Pass) throws {
        let options = try ExitOptions.parse(pass.flags)
        #expect(
            pass.outcome.exit(options, changes: pass.changes, isLate: pass.isLate)
                == pass.wanted)
    }
}
