import Planning
import Synchronization
import TestSupport
import Testing
import Training

@testable import Reconciliation

@Suite struct ReconcilerTests {
    @Test("plan -> says what would be done, writes nothing")
    func planOnly() async {
        let site = Site()
        site.repository.commit([.demo()])
        let result = await site.once(ReconcilerGoal(mode: .plan))
        #expect(result.plan?.visibleActions.map(\.verb) == [.launch])
        #expect(await site.store.keys.isEmpty)
        #expect(await site.provider.instances.isEmpty)
    }

    @Test("once -> applied revision recorded before the first effect, machine launched")
    func once() async {
        let site = Site()
        site.repository.commit([.demo()])
        let result = await site.once()
        #expect(result.problems.isEmpty && result.applied.map(\.verb).contains(.launch))
        let writes = await site.store.calls.filter { $0.operation.writes }.map(\.key)
        let scope = writes.firstIndex(of: StoreLayout.scope)
        let ledger = writes.firstIndex(of: StoreLayout.ledger(Site.run))
        #expect(scope != nil && ledger != nil && (scope ?? 9) < (ledger ?? 0))
        #expect(await site.provider.instances.count == 1)
    }

    @Test(
        "an older commit -> planned, held, nothing done; the scope still heals; allowed -> applied")
    func rollback() async {
        let site = Site()
        site.repository.commit([.demo()])
        await site.once()
        await site.agentActs()
        site.repository.commit([.demo { $0.state = .terminated }], ancestry: .diverged)
        let id = await site.provider.instances[0].id
        await site.provider.set(id, .terminated, "Server.SpotInstanceTermination")
        let held = await site.once()
        #expect(held.held != nil)
        #expect(await site.provider.instances.map(\.state) == [.terminated, .running])
        let allowed = ReconcilerGoal(mode: .once(wait: 0), allowRollback: true)
        let applied = await site.once(allowed)
        #expect(applied.held == nil)
        #expect(await site.ledger()?.openAttempt?.intent?.verb == .drainThenTerminate)
    }

    @Test("an unreadable repository -> a problem, the applied fleet heals, nothing is removed")
    func unreadable() async {
        let site = Site()
        site.repository.commit([.demo()])
        await site.once()
        await site.agentActs()
        site.repository.fail(.unreachable("no network"))
        let id = await site.provider.instances[0].id
        await site.provider.set(id, .terminated, "Server.SpotInstanceTermination")
        let result = await site.once()
        #expect(result.problems == ["the repository cannot be reached: no network"])
        #expect(await site.provider.instances.last?.state == .running)
    }

    @Test("another repository with our scope and store -> refused, nothing done")
    func owner() async {
        let site = Site()
        site.repository.commit([.demo()])
        await site.once()
        site.repository.move(to: "https://example.invalid/other")
        site.repository.commit([])
        let result = await site.once()
        #expect(result.problems.first?.contains("belongs to") == true)
        #expect(await site.ledger()?.openAttempt?.intent == nil)
    }

    @Test("a lost reply to the launch -> the same bytes again, one machine")
    func lostLaunch() async {
        let site = Site()
        site.repository.commit([.demo()])
        let isFirst = Mutex(true)
        await site.provider.setFaults { call in
            guard case .launch = call else { return nil }
            return isFirst.withLock { first in
                defer { first = false }
                return first ? .lostReply : nil
            }
        }
        await site.once()
        await site.once()
        #expect(await site.provider.instances.count == 1)
        let launch = await site.ledger()?.attempts.first?.launches.first
        #expect(launch?.wasUnanswered == true && launch?.instance != nil)
    }

    @Test("no capacity, definite -> attempt closed without a machine, the next one later")
    func noCapacity() async {
        let site = Site()
        site.repository.commit([.demo()])
        await site.provider.setCapacity { _ in false }
        let result = await site.once()
        #expect(await site.provider.instances.isEmpty)
        #expect(await site.ledger()?.attempts.first?.closure?.outcome == .neverStarted)
        #expect(result.plan?.inactions.first?.reason.code == "Backoff")
    }

    @Test("backing off -> the next look is when that is over; a machine starts -> a second later")
    func rests() async throws {
        let site = Site()
        site.repository.commit([.demo()])
        await site.provider.setCapacity { _ in false }
        let reason = await site.once().plan?.inactions.first?.reason
        guard case .backoff(let until) = reason else {
            Issue.record(Comment(rawValue: "\(String(describing: reason)) is no backoff"))
            return
        }
        let rest = until.since(await site.store.now)
        #expect(rest > 5 && rest < 60)
        await wait(for: 2, at: site)
        #expect(site.clock.spans.first.map { $0 >= .seconds(rest.count) } == true)

        await site.provider.setCapacity { _ in true }
        await site.store.advance(rest)
        let start = site.clock.spans.count
        await wait(for: 3, at: site)
        #expect(site.clock.spans.dropFirst(start).first == .seconds(1))
    }

    /// Lets a reconciler make so many plans.
    private func wait(for plans: Int, at site: Site) async {
        let count = Mutex(0)
        let (stops, stop) = AsyncStream.makeStream(of: Void.self)
        let goal = ReconcilerGoal(mode: .continuous(interval: 60))
        _ = await site.reconciler(goal).run(stops: stops) { occurrence in
            guard case .planned = occurrence else { return }
            if count.withLock({
                $0 += 1; return $0 == plans
            }) {
                stop.yield()
            }
        }
    }

    @Test("the provider cannot be read -> unknown, nothing done")
    func unknownRegion() async {
        let site = Site()
        site.repository.commit([.demo()])
        await site.provider.setFaults { call in call == .describe ? .dropped : nil }
        let result = await site.once()
        #expect(result.plan?.inactions.first?.reason.code == "Unknown")
        #expect(await site.ledger() == nil)
    }

    @Test("one malformed ledger -> that run is unknown, the others go on")
    func malformedLedger() async throws {
        let site = Site()
        await site.store.plant(StoreLayout.ledger(Site.run), Array("{".utf8))
        let other = try #require(RunName("other"))
        site.repository.commit([.demo(), RunSpec(name: other, run: "true")])
        let result = await site.once()
        #expect(result.plan?.inactions.first { $0.run == Site.run }?.reason.code == "Unknown")
        #expect(await site.provider.instances.map(\.run) == [other])
    }

    @Test("a saved plan that is stale -> refused")
    func stalePlan() async {
        let site = Site()
        site.repository.commit([.demo()])
        let revision = Revision(ref: "main", commit: String(repeating: "f", count: 40))
        let saved = ReconcilerGoal.SavedPlan(id: "abc", revision: revision, sequence: 0)
        let result = await site.once(
            ReconcilerGoal(mode: .once(wait: 0), onlyPlan: saved))
        #expect(result.problems == ["the saved plan is stale: plan again"])
        #expect(await site.provider.instances.isEmpty)
    }

    @Test("a hundred passes with nothing to do -> no write, no unchanged object read")
    func idle() async {
        let site = Site()
        site.repository.commit([.demo { $0.state = .stopped }])
        await site.once()
        await site.store.clearCalls()
        let passes = Mutex(0)
        let (stops, stop) = AsyncStream.makeStream(of: Void.self)
        let goal = ReconcilerGoal(mode: .continuous(interval: 60))
        _ = await site.reconciler(goal).run(stops: stops) { occurrence in
            guard case .planned = occurrence else { return }
            let count = passes.withLock {
                $0 += 1
                return $0
            }
            if count == 100 { stop.yield() }
        }
        let calls = await site.store.calls
        #expect(!calls.contains { $0.operation.writes })
        let reads = calls.filter { $0.operation == .get }.map(\.key)
        let records = reads.filter { $0 != StoreLayout.scope }
        #expect(records.count <= 2, "each record once, in the first pass: \(records)")
        #expect(passes.withLock { $0 } >= 100)
    }

    @Test("stopped by a person in the middle -> what is in flight ends, training is left alone")
    func stop() async {
        let site = Site()
        site.repository.commit([.demo()])
        let (stops, stop) = AsyncStream.makeStream(of: Void.self)
        let goal = ReconcilerGoal(mode: .continuous(interval: 60))
        _ = await site.reconciler(goal).run(stops: stops) { occurrence in
            if case .acted = occurrence { stop.yield() }
        }
        await site.once()
        #expect(await site.provider.instances.map(\.state) == [.running])
    }

    @Test("a newer revision is applied in the middle of a pass -> the older pass stops")
    func superseded() async {
        let site = Site()
        site.repository.commit([.demo()])
        let isFirst = Mutex(true)
        await site.store.interpose { call in
            guard call.operation == .put, call.key == RunSpec.demo().forAgent.reference.key,
                isFirst.withLock({ first in
                    defer { first = false }
                    return first
                })
            else { return }
            site.repository.commit([.demo { $0.state = .stopped }])
            await site.once()
        }
        // The machine of this pass has published its spec and would open the attempt next.
        await site.once()
        #expect(await site.ledger() == nil)
        #expect(await site.provider.instances.isEmpty)
    }

    @Test("answer lost, the machine ends and fades, the token has ended -> the next attempt")
    func endedToken() async {
        let site = Site()
        site.repository.commit([.demo()])
        await site.provider.setFaults { call in
            if case .launch = call { .lostReply } else { nil }
        }
        await site.provider.setVisible(false)
        await site.once()
        await site.provider.setFaults(nil)
        await site.provider.setVisible(true)
        await site.provider.forget(InstanceID("i-1"))
        await site.once()
        let attempts = await site.ledger()?.attempts
        #expect(attempts?.first?.closure?.evidence == .terminated)
        #expect(attempts?.count == 2)
    }

    @Test("a refusal after an unanswered send -> kept, but the launch stays open")
    func refusalInDoubt() {
        let request = LaunchRequest(
            clientToken: "t", region: "local", market: .spot, shutdownBehavior: .terminate,
            tags: [:], userData: "")
        let now = Timestamp(milliseconds: 0)
        for (wasUnanswered, isClosed) in [(false, true), (true, false)] {
            var ledger = Ledger(run: Site.run, writer: "w")
            var launch = Launch(ordinal: 1, request: request, createdAt: now)
            launch.wasUnanswered = wasUnanswered
            ledger.attempts = [
                Attempt(
                    number: 1, generation: 1, digest: SpecDigest(text: "v1:x"),
                    spec: RunSpec.demo().reference,
                    revision: Revision(ref: "main", commit: "c"), source: nil,
                    start: StartPoint(.newest), reason: "", createdAt: now, launches: [launch])
            ]
            let answer = LaunchAnswer.refused(.capacity, "dry")
            #expect(answer.apply(to: &ledger, attempt: 1, ordinal: 1, at: now))
            #expect(ledger.attempts[0].launches[0].refusal?.kind == .capacity)
            #expect(ledger.attempts[0].launches[0].isClosed == isClosed)
            #expect(!answer.apply(to: &ledger, attempt: 1, ordinal: 2, at: now))
        }
    }

    @Test("protected by hand between the plan and its effect -> not touched")
    func protectedInBetween() async {
        let site = Site()
        site.repository.commit([.demo()])
        await site.once()
        await site.agentActs()
        site.repository.commit([.demo { $0.state = .stopped }])
        await site.once()
        await site.agentActs()
        await site.provider.setFaults { [provider = site.provider] call in
            if case .inspect(let id) = call { await provider.retag(id, [Tag.protect: "true"]) }
            return nil
        }
        await site.once()
        #expect(await site.provider.instances.map(\.state) == [.running])
        #expect(await !site.provider.calls.contains(.stop(InstanceID("i-1"))))
    }

    @Test("launched, but not listed yet -> the answer is kept, no second launch")
    func visibilityDelay() async {
        let site = Site()
        site.repository.commit([.demo()])
        await site.provider.setVisible(false)
        await site.once()
        await site.once()
        #expect(await site.provider.instances.count == 1)
        #expect(await site.ledger()?.openAttempt?.openLaunch?.instance == InstanceID("i-1"))
    }
}
