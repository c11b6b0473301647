import Testing
import Training

@testable import Simulation

/// Revisions: only what descends from the applied one is applied, and nothing unread is pruned.
@Suite struct RevisionScenarios {
    @Test("the branch moves back → the older commit is held, and the fleet goes on")
    func pushBack() throws {
        var story = try Story("a", "b")
        story.edit(at: .hours(1), .amend(.a, .keep(4)))
        story.edit(at: .hours(2), .pushBack(commits: 1, span: .hours(1)))
        let outcome = story.play()
        #expect(outcome.up.count == 2)
        #expect(outcome.launches(of: .a).count == 1)
    }

    @Test("the branch is rewritten without half of the runs → nothing is pruned")
    func rewrite() throws {
        var story = try Story("a", "b")
        story.edit(at: .hours(1), .amend(.a, .keep(4)))
        story.edit(at: .hours(2), .rewrite(span: .hours(2)))
        let outcome = story.play()
        #expect(outcome.launches(of: .b).count == 1)
        #expect(outcome.count("terminate Removed") == 0)
    }

    @Test("a rewritten history was applied → held when it goes, until the authors merge it")
    func rewriteApplied() throws {
        var story = try Story("a", "b")
        story.scenario.reconcilers = [ReconcilerPlan(.once(every: .minutes(40), wait: 0))]
        story.edit(at: .hours(3), .amend(.a, .keep(4)))
        story.edit(at: .hours(3) + 60, .rewrite(span: .hours(2)))
        #expect(story.play().count("terminate Removed") == 1)
    }

    @Test("a machine is lost while the branch is held back → it is healed all the same")
    func heals() throws {
        var story = try Story("a", "b")
        story.edit(at: .hours(1), .amend(.a, .keep(4)))
        story.edit(at: .hours(2), .pushBack(commits: 1, span: .hours(3)))
        story.fault(at: .hours(3), .interrupt(.a, notice: nil))
        #expect(story.play().launches(of: .a).map(\.attempt) == [1, 2])
    }

    @Test("one reconciler reads a stale mirror → it undoes nothing of the newer commit")
    func lag() throws {
        var story = try Story("a", "b")
        story.scenario.reconcilers = [ReconcilerPlan(), ReconcilerPlan()]
        story.edit(at: .hours(1), .amend(.a, .environment("new")))
        story.edit(at: .hours(1), .lag(reconciler: 2, commits: 1, span: .hours(3)))
        #expect(story.play().launches(of: .a).map(\.attempt) == [1, 2])
    }

    @Test(
        "the commit declares nothing, or a manifest cannot be decoded → nothing is pruned",
        arguments: [Edit.Change.empty, .spoil(.b)])
    func unreadable(change: Edit.Change) throws {
        var story = try Story("a", "b")
        story.edit(at: .hours(1), change)
        let outcome = story.play()
        #expect(outcome.up.count == 2)
        #expect(outcome.launches(of: .b).count == 1)
    }

    @Test("a clock that was minutes ahead is set right → the next commit is read within minutes")
    func clockSetBack() throws {
        var story = try Story("a", "b", hours: 4)
        story.fault(
            at: .minutes(55), for: .minutes(5), .drift(.reconciler(1), by: 10 * 60 * 1000))
        story.edit(at: Seconds(3601), .amend(.a, .environment("new")))
        let outcome = story.play()
        #expect(outcome.launches(of: .a).map(\.attempt) == [1, 2])
        let second = try #require(outcome.up.first { $0.tags[Tag.attempt] == "2" })
        #expect(second.launchTime.since(Scenario.start) < .minutes(66))
    }

    @Test(
        "the repository cannot be read for hours → a lost machine is healed",
        arguments: Edit.Outage.allCases)
    func outage(why: Edit.Outage) throws {
        var story = try Story("a", "b", hours: 4)
        story.edit(at: .hours(1), .outage(why, span: .hours(2)))
        story.fault(at: .hours(2), .interrupt(.a, notice: nil))
        #expect(story.play().launches(of: .a).map(\.attempt) == [1, 2])
    }
}
