import Supervision
import Testing
import Training

@Suite("The agent while training and at its end")
struct AgentDrainTests {
    /// A world in which the trainer runs since a few seconds.
    private func training(_ spec: RunSpec = ScriptedWorld.spec()) -> ScriptedWorld {
        var world = ScriptedWorld(spec)
        world.boot()
        world.pass(5)
        #expect(world.machine.stage == .training)
        return world
    }

    private func notice(in seconds: Seconds, from world: ScriptedWorld) -> Notice {
        Notice(kind: .spotInterruption, deadline: world.now + seconds)
    }

    private func intent(
        _ id: String = "one", _ verb: Intent.Verb = .drainThenTerminate,
        deadline: Timestamp? = nil
    ) -> Intent {
        Intent(
            id: id, verb: verb, deadline: deadline,
            spec: StoredReference(key: "spec", sha256: Digest(of: "spec")), reason: "asked")
    }

    @Test("given up while it claims → it starts nothing, says so, and powers off")
    func givenUp() throws {
        var world = ScriptedWorld()
        var ledger = try #require(world.ledger)
        ledger.attempts[0].intent = intent(deadline: world.now + 300)
        world.stepAnswers["claim"] = .claimed(world.index, ledger)
        world.boot()
        world.pass(120)
        #expect(world.started == nil)
        #expect(world.reports.last?.acknowledged == "one")
        #expect(world.reports.last?.released == true)
        #expect(world.powerOff == .terminate)
    }

    @Test("closed while it claims → it starts nothing and powers off")
    func closedWhileClaiming() throws {
        var world = ScriptedWorld()
        var ledger = try #require(world.ledger)
        ledger.attempts.append(ScriptedWorld.attempt(2))
        world.stepAnswers["claim"] = .claimed(world.index, ledger)
        world.boot()
        world.pass(120)
        #expect(world.started == nil)
        #expect(world.powerOff == .terminate)
    }

    // MARK: Uploads

    @Test("many checkpoints → the first at once, then the newest each `every`")
    func cadence() {
        var world = training(ScriptedWorld.spec(every: 60))
        for name in ["a", "b", "c"] {
            world.local.complete.append(ScriptedWorld.saved(name))
            world.pass(20)
        }
        #expect(world.commits.map(\.path) == ["checkpoints/a.pt"])
        world.pass(10)
        #expect(world.commits.map(\.path) == ["checkpoints/a.pt", "checkpoints/c.pt"])
        world.pass(300)
        #expect(world.commits.count == 2)
    }

    @Test("store away → training goes on, the commit is tried again with growing waits")
    func storeAway() {
        var world = training()
        world.commitAnswer = .failed("away")
        world.reportAnswer = .failed("away")
        world.local.complete = [ScriptedWorld.saved("a")]
        world.pass(.minutes(10))
        #expect(world.machine.stage == .training)
        #expect((5...25).contains(world.commits.count), "\(world.commits.count)")
        world.commitAnswer = nil
        world.pass(.minutes(2))
        #expect(world.index.checkpoints.count == 1)
    }

    @Test("the claim is lost at a commit → killed, no report, power off")
    func fenced() {
        var world = training()
        world.commitAnswer = .fenced("attempt 2")
        world.local.complete = [ScriptedWorld.saved("a")]
        let reports = world.reports.count
        world.pass(30)
        #expect(world.kills == 1)
        #expect(world.signals == 0)
        #expect(world.reports.count == reports)
        #expect(world.powerOff == .terminate)
    }

    @Test("the ledger closes the attempt → killed, power off")
    func closedUnderWay() {
        var world = training()
        world.changeLedger { $0.attempts[0].closure = ScriptedWorld.closure(.notFound) }
        world.pass(30)
        #expect(world.kills == 1)
        #expect(world.powerOff == .terminate)
    }

    // MARK: Notices and intents

    @Test("a notice → one signal, last save committed, interrupted, waits to be taken")
    func spotNotice() {
        var world = training()
        world.lastSave = ScriptedWorld.saved("last")
        world.notice = notice(in: 120, from: world)
        world.pass(110)
        #expect(world.signals == 1)
        #expect(world.kills == 0)
        #expect(world.commits.map(\.path) == ["checkpoints/last.pt"])
        #expect(world.reports.last?.outcome == .interrupted)
        #expect(world.reports.last?.released == true)
        #expect(world.powerOff == nil)
        world.pass(.minutes(12))
        #expect(world.powerOff == .asLaunched)
    }

    @Test("trainer ignores the signal → SIGKILL leaves time for the longest upload so far")
    func killInTime() throws {
        var world = training(ScriptedWorld.spec(every: 0, stop: StopPolicy(grace: 300)))
        world.uploadTime = 20_000
        world.local.complete = [ScriptedWorld.saved("a")]
        world.pass(60)
        world.obeysAfter = nil
        let from = world.now
        world.notice = notice(in: 120, from: world)
        world.pass(119)
        let killed = try #require(world.effects.first { $0.effect == .kill }?.at)
        #expect((80...95).contains(killed.since(from).count), "\(killed.since(from))")
        #expect(world.signals == 1)
        #expect(world.reports.last?.exit == ExitStatus(signal: 9))
    }

    @Test("an intent, then a notice → one signal, the shorter deadline, acknowledged")
    func noticeShortens() throws {
        var world = training(ScriptedWorld.spec(stop: StopPolicy(grace: 600)))
        world.obeysAfter = nil
        let limit = world.now + 3600
        world.changeLedger { $0.attempts[0].intent = intent(deadline: limit) }
        world.pass(30)
        #expect(world.signals == 1)
        let from = world.now
        world.notice = notice(in: 60, from: world)
        world.pass(59)
        let killed = try #require(world.effects.first { $0.effect == .kill }?.at)
        #expect(killed.since(from) < 60)
        #expect(world.signals == 1)
        #expect(world.reports.last?.acknowledged == "one")
        #expect(world.reports.last?.outcome == .drained)
    }

    @Test("one intent seen many times, then a second one → nobody is signalled twice")
    func intentOnce() {
        var world = training()
        world.obeysAfter = 40_000
        world.changeLedger { $0.attempts[0].intent = intent() }
        world.pass(15)
        world.changeLedger { $0.attempts[0].intent = intent("two") }
        world.pass(20)
        world.changeLedger { $0.revisit() }
        world.pass(60)
        #expect(world.signals == 1)
        #expect(world.reports.last?.acknowledged == "two")
        #expect(world.powerOff == .terminate)
    }

    @Test("drain-stop → drained, power off so that it can be started again")
    func drainStop() {
        var world = training()
        world.changeLedger { $0.attempts[0].intent = intent("one", .drainThenStop) }
        world.pass(30)
        #expect(world.reports.last?.outcome == .drained)
        #expect(world.powerOff == .stop)
    }

    @Test("protected meanwhile → drained, but stays up")
    func protectedDrain() {
        var world = training()
        world.isProtected = true
        world.changeLedger { $0.attempts[0].intent = intent() }
        world.pass(600)
        #expect(world.reports.last?.released == true)
        #expect(world.powerOff == nil)
    }

    @Test("an intent during setup → setup is ended, nothing is trained")
    func drainInSetup() {
        var world = ScriptedWorld(ScriptedWorld.spec(setup: "pip install"))
        world.boot()
        world.pass(5)
        #expect(world.machine.stage == .settingUp)
        world.changeLedger { $0.attempts[0].intent = intent() }
        world.pass(30)
        #expect(world.signals == 1)
        #expect(world.started == nil)
        #expect(world.reports.last?.outcome == .drained)
        #expect(world.powerOff == .terminate)
    }

    @Test("the intent stands before the claim → drained without a start, acknowledged")
    func drainAtClaim() {
        var world = ScriptedWorld()
        world.changeLedger { $0.attempts[0].intent = intent() }
        world.boot()
        world.pass(10)
        #expect(world.started == nil)
        #expect(world.reports.last?.acknowledged == "one")
        #expect(world.reports.last?.outcome == .drained)
        #expect(world.reports.last?.released == true)
    }

    @Test("reconfigure → the new cadence holds, the trainer goes on, acknowledged by id")
    func reconfigure() {
        var world = training(ScriptedWorld.spec(every: 600))
        world.spec = ScriptedWorld.spec(every: 10)
        world.changeLedger { $0.attempts[0].intent = intent("tune", .reconfigure) }
        world.pass(20)
        #expect(world.reports.last?.acknowledged == "tune")
        #expect(world.signals == 0)
        for name in ["a", "b", "c"] {
            world.local.complete.append(ScriptedWorld.saved(name))
            world.pass(15)
        }
        #expect(world.commits.count == 3)
    }

    // MARK: Ends

    @Test("exit 0 by itself, all evidence there → completed, `on_completion` is carried out")
    func completed() {
        for (policy, expected) in [
            (EndPolicy.terminate, PowerOff.terminate), (.stop, .stop), (.keep, nil),
        ] as [(EndPolicy, PowerOff?)] {
            var world = training(
                ScriptedWorld.spec(
                    completion: CompletionRule(file: "final"), onCompletion: policy))
            world.local.complete = [ScriptedWorld.saved("final")]
            world.answer(.processesEnded(ProcessesEnd(status: ExitStatus(code: 0))))
            world.pass(60)
            #expect(world.reports.last?.outcome == .completed)
            #expect(world.commits.count == 1)
            #expect(world.powerOff == expected)
        }
    }

    @Test("exit 0 by itself, evidence missing → failed, and it says what is missing")
    func missingEvidence() {
        var world = training(ScriptedWorld.spec(completion: CompletionRule(file: "final")))
        world.stepAnswers["completion"] = .missing(["final does not exist"])
        world.answer(.processesEnded(ProcessesEnd(status: ExitStatus(code: 0))))
        world.pass(60)
        #expect(world.reports.last?.outcome == .failed)
        #expect(world.reports.last?.detail?.contains("final does not exist") == true)
    }

    @Test("exit 0 after our signal → never completed by exit code alone")
    func exitAfterSignal() {
        var world = training()
        world.endOnSignal = ProcessesEnd(status: ExitStatus(code: 0))
        world.notice = notice(in: 120, from: world)
        world.pass(60)
        #expect(world.reports.last?.outcome == .interrupted)
    }

    @Test("exit 0 after our signal with the named evidence → completed")
    func evidenceAfterSignal() {
        var world = training(ScriptedWorld.spec(completion: CompletionRule(file: "final")))
        world.endOnSignal = ProcessesEnd(status: ExitStatus(code: 0))
        world.changeLedger { $0.attempts[0].intent = intent() }
        world.pass(60)
        #expect(world.reports.last?.outcome == .completed)
        #expect(world.reports.last?.acknowledged == "one")
    }

    @Test("exit 7 just before a notice → failed, not interrupted")
    func failedBeforeNotice() {
        var world = training()
        world.uploadTime = 10_000
        world.local.complete = [ScriptedWorld.saved("a")]
        world.answer(
            .processesEnded(
                ProcessesEnd(status: ExitStatus(code: 7), outlived: true, lastLines: ["boom"])))
        world.pass(1)
        world.notice = notice(in: 120, from: world)
        world.pass(60)
        #expect(world.signals == 0)
        #expect(world.reports.last?.outcome == .failed)
        #expect(world.reports.last?.exit == ExitStatus(code: 7))
        #expect(world.reports.last?.lastLines == ["boom"])
        #expect(world.reports.last?.detail?.contains("outlived") == true)
    }

    @Test("the last upload does not end before the deadline → reported by name, in time")
    func uploadTooSlow() throws {
        var world = training()
        world.lastSave = ScriptedWorld.saved("last")
        world.uploadTime = 600_000
        world.notice = notice(in: 120, from: world)
        world.pass(120)
        let report = try #require(world.reports.last)
        #expect(report.outcome == .interrupted)
        #expect(report.detail?.contains("not uploaded: checkpoints/last.pt") == true)
    }

    @Test("nothing can be uploaded, `on_timeout: hold` → not released, stays up; proceed → goes")
    func holdsGate() {
        for (onTimeout, released) in [(StopPolicy.OnTimeout.hold, false), (.proceed, true)] {
            var world = training(ScriptedWorld.spec(stop: StopPolicy(onTimeout: onTimeout)))
            world.lastSave = ScriptedWorld.saved("last")
            world.commitAnswer = .failed("away")
            let limit = world.now + 300
            world.changeLedger { $0.attempts[0].intent = intent(deadline: limit) }
            world.pass(.hours(3))
            #expect(world.reports.last?.released == released)
            #expect((world.powerOff == nil) == !released)
            #expect(world.reports.last?.detail?.contains("not uploaded") == true)
        }
    }

    @Test("completed while the store is away for good → completed, not failed")
    func completedOffline() {
        var world = training(ScriptedWorld.spec(completion: CompletionRule(file: "final")))
        world.commitAnswer = .failed("away")
        world.local.complete = [ScriptedWorld.saved("a")]
        world.answer(.processesEnded(ProcessesEnd(status: ExitStatus(code: 0))))
        world.pass(.hours(3))
        #expect(world.reports.last?.outcome == .completed)
        #expect(world.powerOff == .terminate)
    }

    @Test("the training time of the run is used up → drained as expired")
    func expired() {
        var world = ScriptedWorld(ScriptedWorld.spec(maxDuration: 100))
        world.ledger?.trained = 40
        world.boot()
        world.pass(58)
        #expect(world.signals == 0)
        world.pass(30)
        #expect(world.signals == 1)
        #expect(world.reports.last?.outcome == .expired)
        #expect(world.powerOff == .terminate)
    }

    @Test("nothing of the training time is left → nothing starts, expired")
    func expiredBefore() {
        var world = ScriptedWorld(ScriptedWorld.spec(maxDuration: 100))
        world.ledger?.trained = 100
        world.boot()
        world.pass(30)
        #expect(world.started == nil)
        #expect(world.reports.last?.outcome == .expired)
        #expect(world.reports.last?.released == true)
    }

    @Test("processes that survive SIGKILL → not released, and it says so")
    func survivors() {
        var world = training(ScriptedWorld.spec(stop: StopPolicy(grace: 10)))
        world.obeysAfter = nil
        world.killsNothing = true
        world.changeLedger { $0.attempts[0].intent = intent() }
        world.pass(120)
        #expect(world.reports.last?.outcome == .drained)
        #expect(world.reports.last?.released == false)
        #expect(world.powerOff == .terminate)
    }
}

extension Ledger {
    /// Written again with nothing new for the agent.
    mutating func revisit() { writer = "again" }
}
