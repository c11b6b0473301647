import Supervision
import Testing
import Training

@Suite("What the ledger gives a machine")
struct AssignmentTests {
    private let me = ScriptedWorld.me

    private func assignment(_ ledger: Ledger, attempt: Int = 1) -> Assignment {
        Assignment(of: me, launchedFor: attempt, ordinal: 1, in: ledger)
    }

    private func isSuperseded(_ assignment: Assignment) -> Bool {
        if case .superseded = assignment { true } else { false }
    }

    private func waits(_ assignment: Assignment) -> Bool {
        if case .wait = assignment { true } else { false }
    }

    @Test("first boot, open attempt, machine not known yet → claim")
    func firstBoot() {
        let attempt = ScriptedWorld.attempt(1)
        #expect(assignment(ScriptedWorld.ledger(attempt)) == .claim(attempt, ordinal: 1))
    }

    @Test("the open launch names another machine → superseded")
    func surplus() {
        let attempt = ScriptedWorld.attempt(1, on: InstanceID("i-other"))
        #expect(isSuperseded(assignment(ScriptedWorld.ledger(attempt))))
    }

    @Test("a later ordinal is open → superseded")
    func laterOrdinal() {
        let attempt = ScriptedWorld.attempt(1, ordinal: 2)
        #expect(isSuperseded(assignment(ScriptedWorld.ledger(attempt))))
    }

    @Test("stopped and started, the newest attempt's launch names this machine → claim that one")
    func startedAgain() {
        var first = ScriptedWorld.attempt(1, on: me)
        first.closure = ScriptedWorld.closure(.stopped)
        let second = ScriptedWorld.attempt(2, on: me)
        #expect(assignment(ScriptedWorld.ledger(first, second)) == .claim(second, ordinal: 1))
    }

    @Test("stopped and started, its attempt closed and nothing given yet → waits for a number")
    func startedByHand() {
        var first = ScriptedWorld.attempt(1, on: me)
        first.closure = ScriptedWorld.closure(.stopped)
        #expect(waits(assignment(ScriptedWorld.ledger(first))))
    }

    @Test("its attempt closed as never launched → superseded")
    func late() {
        var first = ScriptedWorld.attempt(1)
        first.closure = ScriptedWorld.closure(.neverLaunched)
        #expect(isSuperseded(assignment(ScriptedWorld.ledger(first))))
    }

    @Test("the newest attempt is another machine's → superseded")
    func overtaken() {
        var first = ScriptedWorld.attempt(1, on: me)
        first.closure = ScriptedWorld.closure(.stopped)
        let second = ScriptedWorld.attempt(2, on: InstanceID("i-other"))
        #expect(isSuperseded(assignment(ScriptedWorld.ledger(first, second))))
    }

    @Test("an earlier attempt is not closed → waits for the fence")
    func fence() {
        let ledger = ScriptedWorld.ledger(
            ScriptedWorld.attempt(1), ScriptedWorld.attempt(2, on: me))
        guard case .wait(let attempt, _) = assignment(ledger, attempt: 2) else {
            Issue.record("it does not wait")
            return
        }
        #expect(attempt == 2)
    }

    @Test("a ledger older than the machine → waits")
    func staleRead() {
        #expect(waits(assignment(ScriptedWorld.ledger(ScriptedWorld.attempt(1)), attempt: 2)))
    }
}
