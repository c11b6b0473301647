import Testing
import Training

@testable import Planning

/// One named scenario for each rule of the design's protocols that the planner decides.
@Suite struct ProtocolScenarioTests {
    let run = RunName.fixture()

    // MARK: Ownership

    @Test("ownership: copied tags without our token -> reported, never touched, also on removal")
    func copiedTags() throws {
        var world = World.training()
        var copy = try #require(world.machine(run))
        copy.id = InstanceID("i-copy")
        copy.clientToken = "console"
        world.observed.instances.append(copy)
        world.desired.policy.maxTerminations = .count(10)
        world.declare(.fixture { $0.state = .terminated })
        let plan = world.plan()
        #expect(plan.foreign.map(\.instance) == [copy.id])
        #expect(!plan.actions.contains { $0.instance == copy.id })
    }

    @Test("ownership: our scope in another store -> foreign")
    func otherStore() throws {
        var world = World.training()
        let id = try #require(world.machine(run)).id
        for position in world.observed.instances.indices {
            world.observed.instances[position].tags[Tag.store] = "0000000000000000"
        }
        #expect(world.plan().foreign.map(\.instance) == [id])
    }

    @Test("ownership: retagged between plan and effect -> the precondition says why not")
    func precondition() throws {
        let world = World.training()
        var machine = try #require(world.machine(run))
        let precondition = InstancePrecondition(
            scope: "lab", store: World.context.store, run: run,
            clientToken: machine.clientToken, region: "local", refusesProtected: true)
        #expect(precondition.violation(by: machine) == nil)
        machine.tags[Tag.protect] = "true"
        #expect(precondition.violation(by: machine)?.contains("protected") == true)
        machine.tags[Tag.scope] = "other"
        #expect(precondition.violation(by: machine)?.contains("not ours") == true)
        #expect(precondition.violation(by: nil) != nil)
    }

    @Test("ledger: its open attempt names no launch -> nothing is done, and it says so")
    func noLaunch() {
        var world = World.training()
        world.observed.runs[run]?.ledger?.attempts[0].launches = []
        let plan = world.plan()
        #expect(plan.actions.isEmpty)
        #expect(plan.reason()?.code == "Unknown")
    }

    @Test("next number: ledger lost, index and tags remain -> 1 + the greatest of all")
    func nextNumber() {
        var world = World()
        world.declare(.fixture())
        var index = RunIndex(run: run, writer: "a")
        index.claim = Claim(
            attempt: 7, ordinal: 1, instance: InstanceID("i-1"), boot: "b", nonce: "n",
            at: World.start)
        world.observed.runs[run] = ObservedRun(index: index)
        world.settle()
        #expect(world.ledger(run)?.openAttempt?.number == 8)
    }

    // MARK: Launch

    @Test("launch: another process froze it -> marked unanswered first, sent verbatim")
    func takeover() throws {
        var world = World()
        world.declare(.fixture())
        world.freeze()
        world.observed.unsentTokens = []
        let frozen = try #require(world.ledger(run)?.openAttempt?.openLaunch?.request)
        let steps = try #require(world.plan().actions.first?.steps)
        guard case .updateLedger(let ledger) = steps[0], case .launch(let sent, _, _) = steps[1]
        else {
            Issue.record("expected the doubt before the send: \(steps)")
            return
        }
        #expect(ledger.openAttempt?.openLaunch?.wasUnanswered == true)
        #expect(sent == frozen)
    }

    @Test("launch: spec changed while the launch is open -> the frozen bytes are finished first")
    func finishedVerbatim() throws {
        var world = World()
        world.declare(.fixture())
        world.freeze()
        let frozen = try #require(world.ledger(run)?.openAttempt?.openLaunch?.request)
        world.declare(.fixture { $0.run = "python other.py" })
        #expect(world.plan().actions.first?.steps.last == .launch(frozen, attempt: 1, ordinal: 1))
    }

    @Test("launch: refused after an unanswered send -> open until five empty minutes have passed")
    func refusedInDoubt() {
        var world = World()
        world.declare(.fixture())
        world.freeze()
        let refusal = Launch.Refusal(kind: .capacity, detail: "dry", at: world.observed.at)
        world.observed.runs[run]?.ledger?.attempts[0].launches[0].wasUnanswered = true
        world.observed.runs[run]?.ledger?.attempts[0].launches[0].refusal = refusal
        world.pass(.minutes(5))
        #expect(world.plan().reason() == .launchInDoubt(until: refusal.at + .minutes(5)))
        world.pass(1)
        world.apply(world.plan())
        #expect(world.ledger(run)?.attempts[0].launches[0].isClosed == true)
        world.apply(world.plan())
        #expect(world.ledger(run)?.attempts[0].closure?.evidence == .neverLaunched)
    }

    @Test("launch: machine shows up while in doubt -> it is the machine of that launch")
    func lateMachine() throws {
        var world = World()
        world.declare(.fixture())
        world.freeze()
        world.apply(world.plan())
        let refusal = Launch.Refusal(kind: .capacity, detail: "dry", at: world.observed.at)
        world.observed.runs[run]?.ledger?.attempts[0].launches[0].wasUnanswered = true
        world.observed.runs[run]?.ledger?.attempts[0].launches[0].refusal = refusal
        world.pass(.minutes(6))
        world.settle()
        #expect(world.ledger(run)?.attempts[0].launches[0].instance == world.machine(run)?.id)
        #expect(world.ledger(run)?.attempts[0].closure == nil)
    }

    @Test("launch: machine missing for less than five minutes, twice -> proves nothing yet")
    func notFound() throws {
        var world = World.training()
        world.observed.instances = []
        #expect(world.plan().actions.isEmpty)
        #expect(world.plan().inactions.map(\.reason) == [.machineMissing(since: nil)])
        #expect(!world.plan().isConverged)
        world.pass(.minutes(6))
        world.beat(run)
        world.apply(world.plan())
        #expect(world.ledger(run)?.attempts[0].closure == nil)
        world.pass(.minutes(4))
        world.beat(run)
        #expect(world.plan().actions.isEmpty)
        world.pass(.minutes(2))
        world.apply(world.plan())
        #expect(world.ledger(run)?.attempts[0].closure?.evidence == .notFound)
    }

    @Test("launch: same inputs -> same token; another attempt or ordinal -> another token")
    func tokens() {
        let digest = Digest(of: "request")
        func token(_ attempt: Int, _ ordinal: Int) -> String {
            ClientToken.derive(
                scope: "lab", store: World.context.store, run: run, attempt: attempt,
                ordinal: ordinal, node: 0, request: digest)
        }
        #expect(token(1, 1) == token(1, 1))
        #expect(Set([token(1, 1), token(1, 2), token(2, 1)]).count == 3)
        #expect(token(1, 1).utf8.count <= 64)
    }

    @Test("launch: rejected for good -> held with the provider's words")
    func rejected() {
        var world = World()
        world.declare(.fixture())
        world.freeze()
        world.observed.runs[run]?.ledger?.attempts[0].launches[0].refusal = Launch.Refusal(
            kind: .rejected, detail: "bad subnet", at: world.observed.at)
        world.settle()
        #expect(world.plan().reason() == .held(.launchRejected("bad subnet")))
    }

    @Test("launch: over max_launches -> waits its turn, with the reason")
    func launchLimit() {
        var world = World()
        for name in ["a", "b", "c"] { world.declare(.fixture(name)) }
        world.desired.policy.maxLaunches = 2
        let plan = world.plan()
        #expect(plan.verbs == [.launch, .launch])
        #expect(plan.reason(.fixture("c")) == .launchLimit(2))
    }

    @Test("launch: over max_launches, an attempt has ended -> its end is recorded all the same")
    func launchLimitRecords() {
        var world = World.training()
        world.release(run, .interrupted)
        world.desired.policy.maxLaunches = 0
        let plan = world.plan()
        #expect(plan.actions.map(\.verb) == [.record])
        #expect(plan.reason() == .launchLimit(0))
        world.apply(plan)
        #expect(world.ledger(run)?.attempts.last?.closure?.outcome == .interrupted)
        #expect(world.plan().actions.isEmpty)
    }

    // MARK: Fence

    @Test("fence: machine shutting down -> not yet evidence, no next attempt")
    func shuttingDown() throws {
        var world = World.training()
        world.set(try #require(world.machine(run)).id, .shuttingDown)
        #expect(world.plan().actions.isEmpty)
        #expect(world.ledger(run)?.openAttempt?.number == 1)
    }

    @Test("fence: a machine of a superseded launch -> removed; the open one stays")
    func superseded() throws {
        var world = World.training()
        var surplus = try #require(world.machine(run))
        let old = try #require(world.ledger(run)?.attempts[0].launches[0])
        surplus.id = InstanceID("i-surplus")
        surplus.clientToken = "old-token"
        surplus.tags[Tag.ordinal] = "0"
        world.observed.instances.append(surplus)
        var request = try #require(old.request)
        request.clientToken = "old-token"
        var earlier = Launch(ordinal: 0, request: request, createdAt: World.start)
        earlier.isClosed = true
        world.observed.runs[run]?.ledger?.attempts[0].launches.insert(earlier, at: 0)
        let plan = world.plan()
        #expect(plan.actions.map(\.instance) == [surplus.id])
        #expect(plan.verbs == [.terminate])
    }

    @Test("fence: a machine of an attempt that has just ended -> Ending, removed after its grace")
    func justSuperseded() throws {
        var world = World.training()
        let old = try #require(world.machine(run))
        world.observed.instances = []
        world.pass(.minutes(6))
        world.apply(world.plan())
        world.pass(.minutes(6))
        world.apply(world.plan())
        #expect(world.ledger(run)?.attempts.count == 2)
        world.observed.instances.append(old)
        let plan = world.plan()
        #expect(plan.visibleActions.isEmpty)
        #expect(plan.inactions.map(\.reason.code).contains("Ending"))
        world.pass(.minutes(3))
        #expect(world.plan().actions.map(\.instance).contains(old.id))
    }

    // MARK: Retention

    @Test("generation raised, but the attempt goes on -> its older checkpoints go as before")
    func retentionOfOlderGeneration() {
        var world = World.training(.fixture { $0.onChange = .nextAttempt })
        var parent: CheckpointID?
        for sequence in 1...9 {
            let id = CheckpointID(attempt: 1, sequence: sequence)
            world.commit(run, id, parent: parent)
            parent = id
        }
        world.declare(
            .fixture {
                $0.onChange = .nextAttempt
                $0.generation = 2
                $0.checkpoint?.keep = 2
            })
        let retired = world.plan().actions.filter { $0.verb == .retire }
        #expect(
            retired.flatMap(\.steps).contains(
                .deleteCheckpoint(CheckpointID(attempt: 1, sequence: 1))))
    }

    // MARK: Intent and gate

    @Test(
        "gate: shut past its limit, on_timeout hold -> held; proceed -> terminated with the reason")
    func gate() {
        for policy in [StopPolicy.OnTimeout.hold, .proceed] {
            var world = World.training(.fixture { $0.stop.onTimeout = policy })
            world.declare(
                .fixture {
                    $0.stop.onTimeout = policy
                    $0.state = .terminated
                })
            world.apply(world.plan())
            let intent = world.ledger(run)?.openAttempt?.intent
            world.pass(.minutes(5))
            world.beat(run)
            #expect(world.plan().actions.isEmpty)
            world.pass(.minutes(2))
            world.beat(run)
            let plan = world.plan()
            if policy == .hold {
                #expect(plan.reason() == intent?.deadline.map { .gateHeld(since: $0) })
            } else {
                #expect(plan.verbs == [.terminate])
            }
            #expect(world.ledger(run)?.openAttempt?.intent == intent, "nobody is signalled twice")
        }
    }

    @Test("gate: protected by hand mid-flight -> respected before everything")
    func protected() throws {
        var world = World.training()
        let id = try #require(world.machine(run)).id
        world.observed.instances[0].tags[Tag.protect] = "true"
        world.declare(.fixture { $0.state = .terminated })
        #expect(world.plan().reason() == .protected(id))
    }

    @Test("gate: booted but never claimed for 15 minutes -> terminated, next attempt")
    func neverClaimed() {
        var world = World()
        world.declare(.fixture())
        world.settle()
        world.pass(.minutes(14))
        #expect(world.plan().reason() == .starting)
        world.pass(.minutes(2))
        let given = world.plan()
        #expect(given.verbs == [.terminate])
        #expect(!given.terminates, "the intent comes first")
        world.apply(given)
        #expect(world.plan().terminates)
        world.settle()
        #expect(world.ledger(run)?.openAttempt?.number == 2)
    }

    @Test("gate: given up as never claimed, then claimed -> it drains, nothing is terminated")
    func claimedLate() throws {
        var world = World()
        world.declare(.fixture())
        world.settle()
        world.pass(.minutes(16))
        world.apply(world.plan())
        world.train(run)
        let intent = try #require(world.ledger(run)?.openAttempt?.intent)
        let deadline = try #require(intent.deadline)
        let plan = world.plan()
        #expect(plan.actions.isEmpty)
        #expect(plan.reason() == .draining(intent: intent.id, until: deadline))
    }

    @Test("gate: a waiting replacement heartbeats -> not never claimed")
    func waitingReplacement() throws {
        var world = World()
        world.declare(.fixture())
        world.settle()
        world.pass(.minutes(16))
        let machine = try #require(world.machine(run))
        world.observed.runs[run]?.heartbeats[1] = ObservedHeartbeat(
            at: world.observed.at,
            body: Heartbeat(instance: machine.id, boot: "b", phase: .waiting))
        #expect(world.plan().reason() == .starting)
    }

    // MARK: Silence

    @Test("silence: one run -> reported, then as on_timeout says; counted in the fuse")
    func silence() {
        var world = World.training(.fixture { $0.stop.onTimeout = .proceed })
        let heard = world.observed.at
        world.pass(.minutes(4))
        #expect(world.plan().reason() == .silent(since: heard))
        world.pass(.minutes(6))
        let plan = world.plan()
        #expect(plan.verbs == [.terminate])
        #expect(plan.fuse.asked == 1)
    }

    @Test("silence: more than a fifth of the runs at once -> a sensor failure, nothing ends")
    func silentSensor() {
        var world = World()
        for name in ["a", "b", "c"] {
            world.declare(.fixture(name) { $0.stop.onTimeout = .proceed })
        }
        world.settle()
        for name in ["a", "b", "c"] { world.train(.fixture(name)) }
        world.pass(.hours(1))
        world.beat(.fixture("c"))
        let plan = world.plan()
        #expect(plan.actions.isEmpty)
        #expect(plan.reason(.fixture("a")) == .silentSensor(runs: 2))
    }
}

extension Plan {
    /// Whether it orders a machine's end, and not only writes of it.
    fileprivate var terminates: Bool {
        actions.flatMap(\.steps).contains { if case .terminate = $0 { true } else { false } }
    }
}
