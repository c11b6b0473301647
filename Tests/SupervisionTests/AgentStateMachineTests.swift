import Supervision
import Testing
import Training

@Suite("The agent from boot to training")
struct AgentStateMachineTests {
    private func checkpoint(_ sequence: Int, parent: Int? = nil) -> IndexedCheckpoint {
        IndexedCheckpoint(
            id: CheckpointID(attempt: 1, sequence: sequence), generation: 1,
            digest: SpecDigest(of: ScriptedWorld.spec()), step: sequence * 10,
            parent: parent.map { CheckpointID(attempt: 1, sequence: $0) }, size: 1,
            committedAt: ScriptedWorld.start)
    }

    /// The second attempt of a run whose first one has committed two checkpoints.
    private func secondAttempt() -> ScriptedWorld {
        var world = ScriptedWorld(attempt: 2)
        var first = ScriptedWorld.attempt(1)
        first.closure = ScriptedWorld.closure(.terminated)
        world.ledger = ScriptedWorld.ledger(first, ScriptedWorld.attempt(2))
        world.index.head = Head(attempt: 1, checkpoint: nil)
        world.index.checkpoints = [checkpoint(1), checkpoint(2, parent: 1)]
        return world
    }

    @Test("nothing committed → a fresh start by `run`, the head set before")
    func fresh() {
        var world = ScriptedWorld()
        world.boot()
        world.pass(5)
        #expect(world.machine.stage == .training)
        #expect(world.started?.text == "train")
        #expect(world.started?.environment["RESUME_FROM"] == nil)
        #expect(world.started?.environment["CHECKPOINT_DIR"] == "/disk/work/checkpoints")
        #expect(world.index.head == Head(attempt: 1, checkpoint: nil))
        #expect(world.reports.last?.phase == .training)
    }

    @Test("a checkpoint → `resume` with its quoted absolute path")
    func resume() {
        var world = secondAttempt()
        world.boot()
        world.pass(5)
        #expect(world.started?.text == "train --resume '/disk/work/checkpoints/a b.pt'")
        #expect(world.started?.environment["RESUME_FROM"] == "/disk/work/checkpoints/a b.pt")
        #expect(world.reports.last?.startedFrom == CheckpointID(attempt: 1, sequence: 2))
    }

    @Test("the newest does not verify → quarantined, the one before, and the report says why")
    func corrupt() {
        var world = secondAttempt()
        world.corrupt = [CheckpointID(attempt: 1, sequence: 2)]
        world.boot()
        world.pass(5)
        #expect(world.reports.last?.startedFrom == CheckpointID(attempt: 1, sequence: 1))
        #expect(world.reports.last?.fallback?.contains("0001-00000002") == true)
        #expect(world.index.checkpoints[1].quarantines.count == 1)
    }

    @Test("two in a row do not verify → held, nothing started, power off")
    func corruptTwice() {
        var world = secondAttempt()
        world.corrupt = [
            CheckpointID(attempt: 1, sequence: 1), CheckpointID(attempt: 1, sequence: 2),
        ]
        world.boot()
        world.pass(60)
        #expect(world.started == nil)
        #expect(world.reports.last?.outcome == .held)
        #expect(world.powerOff == .terminate)
    }

    @Test("a restore that cannot be read → tried again, never quarantined")
    func unreadable() {
        var world = secondAttempt()
        world.stepAnswers["claim"] = .failed("the store is away")
        world.boot()
        world.pass(30)
        #expect(world.started == nil)
        world.stepAnswers = [:]
        world.pass(60)
        #expect(world.machine.stage == .training)
        #expect(world.index.checkpoints.allSatisfy { $0.quarantines.isEmpty })
    }

    @Test("the earlier attempt is not closed → waits with heartbeats, claims once it is")
    func claimWaitsForFence() {
        var world = ScriptedWorld(attempt: 2)
        world.ledger = ScriptedWorld.ledger(ScriptedWorld.attempt(1), ScriptedWorld.attempt(2))
        world.boot()
        world.pass(300)
        #expect(world.claims == 0)
        let waiting = world.effects.count {
            if case .heartbeat(let heartbeat, let attempt) = $0.effect {
                heartbeat.phase == .waiting && attempt == 2
            } else {
                false
            }
        }
        #expect(waiting >= 9)
        world.changeLedger { $0.attempts[0].closure = ScriptedWorld.closure(.terminated) }
        world.pass(15)
        #expect(world.claims == 1)
        #expect(world.machine.stage == .training)
    }

    @Test("the fence never opens → power off after 15 minutes, unclaimed")
    func waitingEnds() {
        var world = ScriptedWorld(attempt: 2)
        world.ledger = ScriptedWorld.ledger(ScriptedWorld.attempt(1), ScriptedWorld.attempt(2))
        world.boot()
        world.pass(.minutes(14))
        #expect(world.powerOff == nil)
        world.pass(.minutes(2))
        #expect(world.powerOff == .asLaunched)
        #expect(world.claims == 0)
    }

    @Test("no ledger to read → bounded retry, then power off")
    func noLedger() {
        var world = ScriptedWorld()
        world.ledger = nil
        world.boot()
        world.pass(.minutes(16))
        #expect(world.powerOff == .asLaunched)
    }

    @Test("superseded → power off at once, but not while protected or unknown")
    func protected() {
        var world = ScriptedWorld()
        world.ledger = ScriptedWorld.ledger(
            ScriptedWorld.attempt(1, on: InstanceID("i-other")))
        world.isProtected = nil
        world.boot()
        world.pass(60)
        #expect(world.powerOff == nil)
        world.isProtected = true
        world.pass(60)
        #expect(world.powerOff == nil)
        world.isProtected = false
        world.pass(5)
        #expect(world.powerOff == .terminate)
    }

    @Test("the claim is refused → nothing starts, power off")
    func claimRefused() {
        var world = ScriptedWorld()
        world.stepAnswers["claim"] = .fenced("attempt 2")
        world.boot()
        world.pass(10)
        #expect(world.started == nil)
        #expect(world.powerOff == .terminate)
        #expect(world.reports.isEmpty)
    }

    @Test("the claim is given up on a protected machine → tried again, and trains at last")
    func claimGivenUp() {
        var world = ScriptedWorld()
        world.stepAnswers["claim"] = .failed("the store is away")
        world.isProtected = true
        world.boot()
        world.pass(.minutes(40))
        #expect(world.started == nil && world.powerOff == nil)
        world.stepAnswers["claim"] = nil
        world.pass(.minutes(2))
        #expect(world.started != nil)
    }

    @Test("no ledger for longer than a machine waits, and it is protected → trains at last")
    func ledgerAway() {
        var world = ScriptedWorld()
        let ledger = world.ledger
        world.ledger = nil
        world.isProtected = true
        world.boot()
        world.pass(.minutes(40))
        #expect(world.started == nil && world.powerOff == nil)
        world.ledger = ledger
        world.pass(.minutes(2))
        #expect(world.started != nil)
    }

    @Test("this attempt has released itself before → never trains again")
    func releasedBefore() {
        var world = ScriptedWorld()
        var report = AttemptReport(attempt: 1, phase: .ended, since: ScriptedWorld.start)
        report.released = true
        world.index.reports = [report]
        world.boot()
        world.pass(60)
        #expect(world.started == nil)
        #expect(world.claims == 1)
    }

    @Test("spec with another digest → failed, power off")
    func badSpec() {
        var world = ScriptedWorld()
        world.stepAnswers["spec"] = .invalid("the SHA-256 differs")
        world.boot()
        world.pass(10)
        #expect(world.reports.last?.outcome == .failed)
        #expect(world.reports.last?.released == true)
        #expect(world.powerOff == .terminate)
    }

    @Test("newer files of the life before → committed before anything is restored")
    func leftovers() {
        var world = secondAttempt()
        world.local.complete = [ScriptedWorld.saved("old"), ScriptedWorld.saved("new")]
        world.boot(
            memory: AgentMemory(
                run: ScriptedWorld.run, attempt: 1, generation: 1,
                digest: SpecDigest(of: ScriptedWorld.spec()), known: ["old"]))
        world.pass(10)
        #expect(world.commits.map(\.path) == ["checkpoints/new.pt"])
        #expect(world.reports.last?.startedFrom == CheckpointID(attempt: 2, sequence: 1))
    }

    @Test("files of a life that is not the last one → left alone")
    func oldLeftovers() {
        var world = secondAttempt()
        world.index.head = Head(attempt: 1, checkpoint: nil)
        world.local.complete = [ScriptedWorld.saved("stale")]
        world.boot(
            memory: AgentMemory(
                run: ScriptedWorld.run, attempt: 7, generation: 1,
                digest: SpecDigest(of: ScriptedWorld.spec()), known: []))
        world.pass(10)
        #expect(world.commits.isEmpty)
        #expect(world.machine.stage == .training)
    }

    @Test("`{checkpoint}` twice, a quote in the path, other braces → one word each, the rest as is")
    func substitution() {
        let text = RunCommand.substituting("a {checkpoint} ${X} {checkpoint}", checkpoint: "/o'k")
        #expect(text == #"a '/o'\''k' ${X} '/o'\''k'"#)
        // For the shell an apostrophe is one whatever combines with it.
        #expect(RunCommand.quoted("/o'\u{301};k").utf8.elementsEqual("'/o'\\''\u{301};k'".utf8))
    }
}
