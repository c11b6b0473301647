import Testing
import Training

@testable import Planning

/// The table of desired against observed, row by row.
@Suite struct PlannerTableTests {
    let run = RunName.fixture()

    @Test("running, nothing there -> launch, frozen in the ledger before it is sent")
    func firstLaunch() throws {
        var world = World()
        world.declare(.fixture())
        let opening = world.plan()
        #expect(opening.verbs == [.launch])
        #expect(opening.actions.first?.reason == .firstAttempt)
        let steps = try #require(opening.actions.first?.steps)
        let frozen = try #require(
            steps.firstIndex { step in
                if case .updateLedger = step { true } else { false }
            })
        let sent = try #require(
            steps.firstIndex { step in
                if case .launch = step { true } else { false }
            })
        #expect(frozen < sent)
        world.apply(opening)
        let request = world.ledger(run)?.openAttempt?.openLaunch?.request
        #expect(world.machine(run)?.clientToken == request?.clientToken)
    }

    @Test("a working directory -> its tree is archived before the launch is frozen")
    func archiveFirst() {
        var world = World()
        world.declare(.fixture { $0.workdir = "src" }, tree: "tree1")
        #expect(world.plan().actions.map(\.steps) == [[.archiveSource(tree: "tree1")]])
        world.settle()
        #expect(world.ledger(run)?.openAttempt?.source?.tree == "tree1")
    }

    @Test("training as declared -> no action, in sync, converged")
    func inSync() {
        let world = World.training()
        let plan = world.plan()
        #expect(plan.actions.isEmpty && plan.isConverged)
        #expect(plan.reason() == .inSync)
        #expect(plan.phases.map(\.phase) == [.training])
    }

    @Test("machine taken by spot -> attempt closed by evidence, resume from the newest checkpoint")
    func interrupted() throws {
        var world = World.training()
        let id = CheckpointID(attempt: 1, sequence: 1)
        world.commit(run, id)
        world.set(
            try #require(world.machine(run)).id, .terminated, "Server.SpotInstanceTermination")
        let plan = world.plan()
        #expect(plan.verbs == [.resume])
        #expect(plan.actions.first?.reason == .continues(after: .interrupted, from: id))
        world.apply(plan)
        let closure = try #require(world.ledger(run)?.attempt(1)?.closure)
        #expect(closure.evidence == .terminated && closure.outcome == .interrupted)
        world.settle()
        #expect(world.ledger(run)?.openAttempt?.number == 2)
    }

    @Test("released by its own last word -> the next attempt opens while the old machine fades")
    func releasedUnderNotice() {
        var world = World.training()
        world.release(run, .interrupted)
        world.settle()
        #expect(world.ledger(run)?.attempts.map(\.number) == [1, 2])
        #expect(world.observed.instances.count == 2)
        world.pass(.minutes(3))
        world.beat(run)
        #expect(world.plan().verbs == [.terminate])
    }

    @Test("stopped -> drain, acknowledged, stop on-demand; running again -> start in place")
    func stopAndStart() throws {
        var world = World.training()
        world.declare(.fixture { $0.state = .stopped })
        let drain = world.plan()
        #expect(drain.verbs == [.stop])
        world.apply(drain)
        #expect(world.ledger(run)?.openAttempt?.intent?.verb == .drainThenStop)
        #expect(world.plan().actions.isEmpty)
        world.release(run, .drained)
        world.settle()
        #expect(world.machine(run)?.state == .stopped)
        #expect(world.plan().reason() == .declaredStopped)
        world.declare(.fixture())
        #expect(world.plan().verbs == [.start])
        world.settle()
        #expect(world.machine(run)?.state == .running)
        #expect(world.observed.instances.count == 1)
        #expect(world.ledger(run)?.openAttempt?.number == 2)
    }

    @Test("stopped, one-time spot -> drain, then the machine is terminated, resumable")
    func stopSpot() {
        var world = World.training(.fixture { $0.market = .spot })
        world.declare(
            .fixture {
                $0.market = .spot
                $0.state = .stopped
            })
        world.apply(world.plan())
        #expect(world.ledger(run)?.openAttempt?.intent?.verb == .drainThenTerminate)
        world.release(run, .drained)
        world.settle()
        #expect(world.machine(run)?.state == .terminated)
        #expect(world.plan().reason() == .declaredStopped)
    }

    @Test("failed without progress -> backs off doubling, held after the limit")
    func failures() throws {
        var world = World.training(.fixture { $0.retries = RetryPolicy(limit: 2, backoff: 30) })
        for expected in [30, 60] {
            world.release(run, .failed, detail: "exit code 7")
            world.apply(world.plan())
            let until = world.observed.at + Seconds(expected)
            #expect(world.plan().reason() == .backoff(until: until))
            world.pass(Seconds(expected))
            world.settle()
            world.train(run)
        }
        world.release(run, .failed, detail: "exit code 7")
        world.settle()
        world.pass(.hours(2))
        world.settle()
        let hold = HoldReason.retriesExhausted(failures: 3, last: "exit code 7")
        #expect(world.plan().reason() == .held(hold))
    }

    @Test("failed after progress -> resumes at once, the count starts anew")
    func failureAfterProgress() {
        var world = World.training(.fixture { $0.retries = RetryPolicy(limit: 0, backoff: 30) })
        world.commit(run, CheckpointID(attempt: 1, sequence: 1))
        world.release(run, .failed)
        #expect(world.plan().verbs == [.resume])
    }

    @Test("interruptions between failures -> do not count and do not forgive")
    func interruptionsDoNotCount() {
        var world = World.training(.fixture { $0.retries = RetryPolicy(limit: 1, backoff: 1) })
        for outcome in [Outcome.failed, .interrupted, .failed] {
            world.release(run, outcome, detail: "x")
            world.settle()
            world.pass(.hours(1))
            world.settle()
            world.train(run)
        }
        #expect(world.plan().reason() == .held(.retriesExhausted(failures: 2, last: "x")))
    }

    @Test("held, then `resume` by a person or a changed spec -> goes on")
    func released() {
        var world = World.training(.fixture { $0.retries = RetryPolicy(limit: 0, backoff: 1) })
        world.release(run, .failed)
        world.settle()
        #expect(world.plan().actions.isEmpty)
        var byPerson = world
        byPerson.observed.runs[run]?.ledger?.operatorResume = Ledger.OperatorResume(
            at: world.observed.at, afterAttempt: 1)
        #expect(byPerson.plan().verbs == [.launch])
        world.declare(
            .fixture {
                $0.retries = RetryPolicy(limit: 0, backoff: 1)
                $0.envs = ["LR": "0.1"]
            })
        #expect(world.plan().verbs == [.launch])
    }

    @Test("completed -> nothing, also after a change; generation raised -> starts afresh")
    func completed() {
        var world = World.training()
        world.commit(run, CheckpointID(attempt: 1, sequence: 1))
        world.release(run, .completed)
        world.settle()
        world.pass(.minutes(3))
        world.settle()
        #expect(world.machine(run)?.state == .terminated)
        #expect(world.plan().reason() == .completed)
        world.declare(.fixture { $0.envs = ["LR": "0.1"] })
        #expect(world.plan().actions.isEmpty)
        world.declare(.fixture { $0.generation = 2 })
        let plan = world.plan()
        #expect(plan.verbs == [.launch])
        #expect(plan.actions.first?.reason == .newGeneration(2))
    }

    @Test("completed, machine still up -> ended as on_completion says, after its own grace")
    func completedMachineUp() {
        for (policy, state) in [
            (EndPolicy.terminate, Instance.State.terminated), (.stop, .stopped), (.keep, .running),
        ] {
            var world = World.training(.fixture { $0.onCompletion = policy })
            world.release(run, .completed)
            world.settle()
            #expect(world.machine(run)?.state == .running)
            world.pass(.minutes(3))
            world.settle()
            #expect(world.machine(run)?.state == state)
        }
    }

    @Test(
        "a live-tunable field changed -> reconfigure, no relaunch; others never reach the agent"
    )
    func liveFields() {
        var world = World.training()
        world.declare(.fixture { $0.labels = ["team": "a"] })
        #expect(world.plan().actions.isEmpty)
        world.declare(.fixture { $0.checkpoint?.every = 60 })
        #expect(world.plan().verbs == [.reconfigure])
        world.settle()
        #expect(world.ledger(run)?.attempts.count == 1)
        #expect(world.plan().reason() == .inSync)
    }

    @Test("spec changed -> drain, then the next attempt; as on_change says otherwise")
    func specChanged() {
        var world = World.training()
        world.declare(.fixture { $0.run = "python other.py" })
        #expect(world.plan().verbs == [.relaunch])
        world.settle()
        world.release(run, .drained)
        world.settle()
        #expect(world.ledger(run)?.openAttempt?.number == 2)
        for (policy, reason) in [
            (ChangePolicy.hold, InactionReason.changeHeld), (.nextAttempt, .waitsForNextAttempt),
        ] {
            var held = World.training()
            held.declare(
                .fixture {
                    $0.run = "python other.py"
                    $0.onChange = policy
                })
            #expect(held.plan().reason() == reason)
        }
    }

    @Test("only the code changed -> the next attempt takes it")
    func codeChanged() {
        var world = World()
        world.declare(.fixture { $0.workdir = "src" }, tree: "t1")
        world.settle()
        world.train(run)
        world.declare(.fixture { $0.workdir = "src" }, tree: "t2")
        #expect(world.plan().reason() == .waitsForNextAttempt)
    }

    @Test("a digest of another version -> never compared, nothing relaunched")
    func otherDigestVersion() {
        var world = World.training()
        world.observed.runs[run]?.ledger?.attempts[0].digest = SpecDigest(text: "v0:abc")
        #expect(world.plan().actions.isEmpty)
    }

    @Test("max_duration used up -> held with the limit")
    func timeLimit() {
        var world = World.training(.fixture { $0.maxDuration = 100 })
        world.observed.runs[run]?.index?.reports[0].trained = 100
        world.release(run, .expired)
        world.settle()
        #expect(world.plan().reason() == .held(.timeLimit(100)))
    }

    @Test("interruption: hold or fail -> not resumed")
    func interruptionPolicies() {
        for (policy, reason) in [
            (InterruptionPolicy.hold, InactionReason.held(.interrupted)), (.fail, .failed),
        ] {
            var world = World.training(.fixture { $0.interruption = policy })
            world.release(run, .interrupted)
            world.settle()
            #expect(world.plan().reason() == reason)
        }
    }

    @Test("stopped, then wanted on another market -> new machine; the stopped one does not linger")
    func stoppedOnAnotherMarket() {
        var world = World.training()
        world.declare(.fixture { $0.state = .stopped })
        world.apply(world.plan())
        world.release(run, .drained)
        world.settle()
        world.declare(.fixture { $0.market = .spot })
        world.settle()
        world.pass(.minutes(3))
        world.settle()
        #expect(world.observed.instances.map(\.state) == [.terminated, .running])
    }
}
