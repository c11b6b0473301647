import Testing
import Training

@testable import Simulation

/// Launch: an intent is frozen, sent until it is answered, and yields one machine.
@Suite struct LaunchScenarios {
    @Test("every reply is lost for ten minutes → one machine for each run", arguments: 1...4)
    func lostReplies(seed: UInt64) throws {
        var story = try Story("a", "b", hours: 2)
        story.scenario.seed = seed
        story.fault(at: 0, for: .minutes(10), .loss(requests: 0, replies: 0.5))
        let outcome = story.play()
        #expect(outcome.launches(of: .a).count == 1)
        #expect(outcome.launches(of: .b).count == 1)
    }

    @Test("the reconciler dies at any of its first calls → one machine", arguments: 1...24)
    func crashes(call: Int) throws {
        for isAfterEffect in [false, true] {
            var story = try Story("a", hours: 1)
            story.fault(
                at: 0, for: 60,
                .crash(.reconciler(1), call: call, isAfterEffect: isAfterEffect))
            #expect(story.play().launches(of: .a).count == 1)
        }
    }

    @Test("a machine shows in no list for five minutes → its absence proves nothing")
    func invisible() throws {
        var story = try Story("a", hours: 2)
        story.scenario.rules.visibility = 290_000...299_000
        #expect(story.play().launches(of: .a).count == 1)
    }

    @Test("two reconcilers start at once → one machine for each run")
    func twoReconcilers() throws {
        var story = try Story("a", "b", hours: 2)
        story.scenario.reconcilers = [ReconcilerPlan(), ReconcilerPlan()]
        let outcome = story.play()
        #expect(outcome.launches(of: .a).count == 1)
        #expect(outcome.launches(of: .b).count == 1)
    }

    @Test("no pool has room for two hours → it launches when one has, once")
    func drought() throws {
        var story = try Story("a", hours: 4)
        story.fault(at: 0, for: .hours(2), .drought(region: "us-east-1"))
        let outcome = story.play()
        #expect(outcome.up.count == 1)
        #expect(outcome.count(left: "NoCapacity") >= 1)
    }

    @Test("machines never come up for an hour → the next attempt follows, one at a time")
    func neverUp() throws {
        var story = try Story("a", hours: 4)
        story.fault(at: 0, for: .hours(1), .failedBoot(region: "us-east-1"))
        let outcome = story.play()
        #expect(outcome.up.count == 1)
        #expect(outcome.launches(of: .a).count > 1)
    }
}
