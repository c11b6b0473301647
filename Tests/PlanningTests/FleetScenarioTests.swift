import Testing
import Training

@testable import Planning

/// Fuse, prune, revisions, precedence, lineage: the rules that look at more than one machine.
@Suite struct FleetScenarioTests {
    let run = RunName.fixture()

    @Test("fuse: three of five removed -> all held, released by an approval of exactly that plan")
    func fuse() {
        var world = World()
        let names = ["a", "b", "c", "d", "e"]
        for name in names { world.declare(.fixture(name)) }
        world.settle()
        for name in names { world.train(.fixture(name)) }
        world.desired.runs.removeAll { ["a", "b", "c"].contains($0.spec.name.text) }
        let held = world.plan()
        #expect(held.actions.isEmpty && held.blocked.count == 3 && held.fuse.isBlown)
        #expect(held.reason(.fixture("a")) == .terminationLimit(plan: held.id))
        let approval = ScopeRecord.Approval(
            plan: held.id, revision: World.revision, expires: world.observed.at + .hours(1))
        world.observed.scope?.approvals = [approval]
        let approved = world.plan()
        #expect(approved.actions.count == 3 && approved.blocked.isEmpty)
        #expect(approved.scopeUpdate?.approvals.isEmpty == true, "used up")
        #expect(approved.scopeUpdate?.terminations.count == 3)
        world.observed.scope?.approvals = [
            ScopeRecord.Approval(
                plan: held.id, revision: World.revision, expires: world.observed.at)
        ]
        #expect(world.plan().blocked.count == 3, "expired")
    }

    @Test("fuse: one removal at a time -> the rolling hour still counts them together")
    func rollingHour() {
        var world = World()
        for name in ["a", "b", "c"] { world.declare(.fixture(name)) }
        world.settle()
        for name in ["a", "b", "c"] { world.train(.fixture(name)) }
        world.desired.runs.removeAll { $0.spec.name.text == "a" }
        let first = world.plan()
        #expect(first.verbs == [.terminate] && !first.fuse.isBlown)
        world.apply(first)
        world.release(.fixture("a"), .drained)
        world.desired.runs.removeAll { $0.spec.name.text == "b" }
        #expect(world.plan().blocked.map(\.run) == [.fixture("b")])
        world.pass(FuseVerdict.window + FuseVerdict.delay)
        for name in ["b", "c"] { world.beat(.fixture(name)) }
        #expect(world.plan().blocked.isEmpty)
    }

    @Test("prune: a document that cannot be decoded, or no run at all -> nothing is removed")
    func pruneBars() {
        var world = World.training()
        world.declare(.fixture("other"))
        world.settle()
        world.desired.runs.removeAll { $0.spec.name == run }
        world.desired.isIncomplete = true
        #expect(world.plan().reason() == .incompleteManifests)
        world.desired.runs = []
        world.desired.isIncomplete = false
        #expect(world.plan().reason() == .emptyManifests)
    }

    @Test("observation: a region not read whole -> unknown, no action")
    func unknownRegion() {
        var world = World.training()
        world.observed.instances = []
        world.observed.unknownRegions = ["local": "timed out"]
        world.pass(.hours(1))
        #expect(world.plan().reason() == .unknown("timed out"))
    }

    @Test("revisions: descends -> advances; diverged or unknown -> held unless allowed")
    func revisions() {
        let old = ScopeRecord.Applied(revision: World.revision, sequence: 4)
        let new = Revision(ref: "main", commit: String(repeating: "b", count: 40))
        func verdict(_ ancestry: Ancestry, _ allowed: Bool = false) -> RevisionVerdict {
            RevisionRule.verdict(
                fetched: new, applied: old, ancestry: ancestry, allowRollback: allowed)
        }
        #expect(verdict(.descends) == .advances)
        for ancestry in [Ancestry.diverged, .unknown] {
            guard case .held = verdict(ancestry) else {
                Issue.record("\(ancestry) must be held")
                return
            }
            #expect(verdict(ancestry, true) == .advances)
        }
        let first = RevisionRule.verdict(
            fetched: new, applied: nil, ancestry: .unknown, allowRollback: false)
        #expect(first == .advances)
    }

    @Test("precedence: suspended and removed state -> suspended wins, until it expires")
    func suspended() {
        var world = World.training()
        let until = world.observed.at + .hours(1)
        let spec = RunSpec.fixture {
            $0.state = .terminated
            $0.suspend = Suspension(reason: "data fix", until: until)
        }
        world.declare(spec)
        #expect(world.plan().reason() == .suspended(reason: "data fix", until: until))
        world.pass(.hours(1))
        #expect(world.plan().verbs == [.terminate])
    }

    @Test("removal: the name comes back -> resumes from its checkpoint")
    func nameLivesOn() {
        var world = World.training()
        world.declare(.fixture("other"))
        world.settle()
        world.commit(run, CheckpointID(attempt: 1, sequence: 1))
        world.desired.runs.removeAll { $0.spec.name == run }
        world.settle()
        world.release(run, .drained)
        world.settle()
        world.pass(.minutes(3))
        world.settle()
        #expect(world.machine(run)?.state == .terminated)
        #expect(!world.plan().phases.contains { $0.run == run })
        world.declare(.fixture())
        #expect(world.plan().verbs.contains(.resume))
    }

    @Test("lineage: resume_from -> consumed once per generation and value")
    func resumeFrom() throws {
        let reference = try #require(CheckpointReference("other/0003-00000009"))
        var world = World.training(.fixture { $0.resumeFrom = reference })
        #expect(world.ledger(run)?.openAttempt?.start.kind == .named)
        world.observed.runs[run]?.index?.head = Head(attempt: 1, checkpoint: nil)
        world.release(run, .interrupted)
        world.settle()
        #expect(world.ledger(run)?.openAttempt?.start.kind == .newest)
    }

    @Test("history: the fifty-first attempt -> the oldest moves out of the ledger")
    func history() throws {
        var world = World.training()
        for _ in 0..<Ledger.attemptLimit {
            world.release(run, .interrupted)
            world.settle()
            world.train(run)
        }
        let attempts = try #require(world.ledger(run)?.attempts)
        #expect(attempts.count == Ledger.attemptLimit)
        #expect(attempts.last?.number == Ledger.attemptLimit + 1)
    }
}
