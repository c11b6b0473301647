import Checkpoints
import Testing

struct CandidateTrackerTests {
    private func found(
        _ path: String, at time: Int64 = 1, size: Int = 5, flaw: String? = nil
    ) -> Look.Found {
        Look.Found(
            candidate: Candidate(
                path: path,
                files: [FileFacts(path: path, size: size, modified: time, inode: 1)]),
            flaw: flaw)
    }

    private func look(_ found: Look.Found...) -> Look { Look(found: found) }

    @Test("seen once → pending; unchanged at the second look → ready until it is settled")
    func quiescence() {
        var tracker = CandidateTracker()
        let look = look(found("a"))
        #expect(tracker.observe(look).pending == ["a"])
        #expect(tracker.observe(look).ready.map(\.path) == ["a"])
        #expect(tracker.observe(look).ready.map(\.path) == ["a"])
        tracker.settle(look.found[0].candidate)
        #expect(tracker.observe(look) == CandidateTracker.Observation())
    }

    @Test("growing or rewritten between looks → pending each time")
    func changing() {
        var tracker = CandidateTracker()
        #expect(tracker.observe(look(found("a", size: 1))).ready.isEmpty)
        #expect(tracker.observe(look(found("a", size: 2))).ready.isEmpty)
        #expect(tracker.observe(look(found("a", at: 2, size: 2))).ready.isEmpty)
        #expect(tracker.observe(look(found("a", at: 2, size: 2))).ready.count == 1)
    }

    @Test("a settled file rewritten in place → a candidate again")
    func rewritten() {
        var tracker = CandidateTracker()
        tracker.settle(all: look(found("a")))
        #expect(tracker.observe(look(found("a"))).pending.isEmpty)
        #expect(tracker.observe(look(found("a", at: 2))).pending == ["a"])
        #expect(tracker.observe(look(found("a", at: 2))).ready.count == 1)
    }

    @Test("several → the newest last, whatever their names")
    func order() {
        var tracker = CandidateTracker()
        let all = look(found("step-10", at: 30), found("step-20", at: 10), found("x", at: 20))
        #expect(
            tracker.observe(all, final: true).ready.map(\.path) == ["step-20", "x", "step-10"])
    }

    @Test("a last look when all processes are gone → ready at once, the flawed refused by name")
    func final() {
        var tracker = CandidateTracker()
        let observation = tracker.observe(
            look(found("a"), found("b", flaw: "its member m is missing")), final: true)
        #expect(observation.ready.map(\.path) == ["a"])
        #expect(observation.refused == [.init(path: "b", reason: "its member m is missing")])
    }

    @Test("flawed, then whole → ready one look later")
    func completed() {
        var tracker = CandidateTracker()
        #expect(tracker.observe(look(found("a", flaw: "its member m is missing"))).ready.isEmpty)
        #expect(tracker.observe(look(found("a"))).ready.isEmpty)
        #expect(tracker.observe(look(found("a"))).ready.count == 1)
    }
}
