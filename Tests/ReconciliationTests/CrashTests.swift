import TestSupport
import Testing
import Training

@testable import Reconciliation

/// The reconciler dies at call N, before and after the call takes effect, for every N; the world is
/// checked, not its claims.
@Suite struct CrashTests {
    @Test("launch: dies at any call -> one machine, one attempt, the next life converges")
    func launch() async {
        var calls = 0
        for end in Life.End.allCases {
            calls = await everyCall(end) { _ in
            } then: { site in
                let machines = await site.provider.instances
                #expect(machines.count == 1)
                let ledger = await site.ledger()
                #expect(ledger?.attempts.count == 1)
                #expect(ledger?.openAttempt?.openLaunch?.instance == machines.first?.id)
            }
        }
        #expect(calls > 10, "the whole launch was walked")
    }

    @Test("drain: dies at any call -> one intent, the machine ends past its gate only")
    func drain() async {
        for end in Life.End.allCases {
            _ = await everyCall(end) { site in
                await site.once()
                await site.agentActs()
                site.repository.commit([.demo { $0.state = .stopped }])
            } then: { site in
                #expect(await site.provider.instances.map(\.state) == [.running])
                let intent = await site.ledger()?.openAttempt?.intent
                #expect(intent?.id == "1-1" && intent?.verb == .drainThenStop)
                await site.agentActs()
                await site.once()
                #expect(await site.provider.instances.map(\.state) == [.stopped])
                #expect(await site.ledger()?.openAttempt == nil)
            }
        }
    }

    @Test("loss: dies at any call while resuming -> one new machine, attempt 2")
    func resume() async {
        for end in Life.End.allCases {
            _ = await everyCall(end) { site in
                await site.once()
                await site.agentActs()
                let id = await site.provider.instances[0].id
                await site.provider.set(id, .terminated, "Server.SpotInstanceTermination")
            } then: { site in
                #expect(await site.provider.instances.count == 2)
                #expect(await site.ledger()?.attempts.map(\.number) == [1, 2])
            }
        }
    }

    /// Walks N until a life outlives its pass; gives the number of calls.
    private func everyCall(
        _ end: Life.End, given prepare: (Site) async -> Void, then check: (Site) async -> Void
    ) async -> Int {
        for call in 1...200 {
            let site = Site()
            site.repository.commit([.demo()])
            await prepare(site)
            let life = Life(endsAt: call, end)
            let goal = ReconcilerGoal(mode: .once(wait: 0))
            _ = await site.reconciler(goal, writer: "first", through: life)
                .run(stops: AsyncStream { _ in }) { _ in }
            for _ in 0..<3 {
                _ = await site.reconciler(goal, writer: "second")
                    .run(stops: AsyncStream { _ in }) { _ in }
            }
            await check(site)
            if !life.isOver { return call - 1 }
        }
        Issue.record("a pass of more than 200 calls")
        return 200
    }

    @Test("two reconcilers start together, twenty times -> one machine, one attempt")
    func together() async {
        for _ in 0..<20 {
            let site = Site()
            site.repository.commit([.demo()])
            let goal = ReconcilerGoal(mode: .once(wait: 0))
            await withTaskGroup(of: Void.self) { group in
                for writer in ["a", "b"] {
                    group.addTask {
                        _ = await site.reconciler(goal, writer: writer)
                            .run(stops: AsyncStream { _ in }) { _ in }
                    }
                }
            }
            await site.once()
            #expect(await site.provider.instances.count == 1)
            #expect(await site.ledger()?.attempts.count == 1)
        }
    }
}
