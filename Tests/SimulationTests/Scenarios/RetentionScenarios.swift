import Testing
import Training

@testable import Simulation

/// Retention: the control plane deletes what `keep` no longer covers, and nothing else.
@Suite struct RetentionScenarios {
    @Test("a run saves for hours with keep: 2 → the newest two stay, and hardly more")
    func keep() throws {
        var story = try Story("a", hours: 9)
        story.spec { $0.checkpoint?.keep = 2 }
        let outcome = story.play()
        #expect(outcome.count("retire Retention") >= 4)
        #expect((2...3).contains(outcome.checkpoints(of: .a)))
    }

    @Test("the reconciler dies between tombstone and deletion → the next life finishes it")
    func crash() throws {
        for call in stride(from: 1, through: 24, by: 3) {
            var story = try Story("a", hours: 6)
            story.spec { $0.checkpoint?.keep = 2 }
            story.fault(
                at: .hours(3) + .minutes(2), for: 60,
                .crash(.reconciler(1), call: call, isAfterEffect: true))
            #expect((2...3).contains(story.play().checkpoints(of: .a)))
        }
    }

    @Test("keep is lowered → what it covered before goes")
    func lowered() throws {
        var story = try Story("a", hours: 9)
        story.spec { $0.checkpoint?.keep = 5 }
        story.edit(at: .hours(7), .amend(.a, .keep(2)))
        #expect((2...3).contains(story.play().checkpoints(of: .a)))
    }
}

extension Outcome {
    /// Committed checkpoints in the store.
    fileprivate func checkpoints(of run: RunName) -> Int {
        world.with { state in
            let keys = try? state.bucket.list(
                prefix: StoreLayout.checkpoints(run), limit: .max, in: state.cloud.s3)
            return keys?.count { CheckpointKey($0.key)?.isManifest == true } ?? 0
        }
    }
}
