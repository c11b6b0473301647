import Checkpoints
import Testing
import Training

struct ResumeChooserTests {
    /// Attempt 1 committed three checkpoints after a fresh start; attempt 2 asks.
    private func question(_ onInvalid: CheckpointPolicy.OnInvalid = .previous) -> ResumeQuestion {
        var index = RunIndex(run: runName, writer: "w")
        index.head = Head(attempt: 1, checkpoint: nil)
        for number in 1...3 {
            index.checkpoints.append(entry(id(1, number), number == 1 ? nil : id(1, number - 1)))
        }
        return ResumeQuestion(
            start: StartPoint(.newest), index: index, retired: [], attempt: 2, generation: 1,
            digest: specDigest, onInvalid: onInvalid)
    }

    private func entry(_ id: CheckpointID, _ parent: CheckpointID?) -> IndexedCheckpoint {
        IndexedCheckpoint(
            id: id, generation: 1, digest: specDigest, step: nil, parent: parent, size: 1,
            committedAt: noon)
    }

    private func failure(_ id: CheckpointID) -> FailedRestore {
        FailedRestore(checkpoint: CheckpointReference(checkpoint: id), reason: "bit flip")
    }

    private func restore(_ id: CheckpointID, quarantine: CheckpointID? = nil) -> ResumeDecision {
        ResumeDecision(
            quarantine: quarantine, choice: .restore(CheckpointReference(checkpoint: id)))
    }

    private func isHeld(_ decision: ResumeDecision) -> Bool {
        if case .hold = decision.choice { decision.quarantine == nil } else { false }
    }

    private func isFresh(_ decision: ResumeDecision) -> Bool {
        if case .fresh = decision.choice { true } else { false }
    }

    @Test("nothing was ever committed → fresh")
    func first() {
        var question = question()
        question.index = RunIndex(run: runName, writer: "w")
        #expect(isFresh(ResumeChooser.decide(question)))
    }

    @Test("newest → the newest on the lineage, not one in quarantine, retired or older generation")
    func newest() {
        var question = question()
        #expect(ResumeChooser.decide(question) == restore(id(1, 3)))
        question.retired = [id(1, 3)]
        #expect(ResumeChooser.decide(question) == restore(id(1, 2)))
        question.index.checkpoints[1].quarantines = [
            Quarantine(digest: specDigest, attempt: 1, reason: "r", at: noon)
        ]
        #expect(ResumeChooser.decide(question) == restore(id(1, 1)))
        question.generation = 2
        #expect(isFresh(ResumeChooser.decide(question)))
    }

    @Test("previous: the newest is invalid → quarantined, the one before it is next")
    func previous() {
        var question = question()
        question.failures = [failure(id(1, 3))]
        #expect(
            ResumeChooser.decide(question) == restore(id(1, 2), quarantine: id(1, 3)))
    }

    @Test("previous: a second one invalid in the same life → held, not quarantined")
    func second() {
        var question = question()
        question.failures = [failure(id(1, 3)), failure(id(1, 2))]
        #expect(isHeld(ResumeChooser.decide(question)))
    }

    @Test("previous: a second one invalid in the next attempt, nothing committed between → held")
    func streak() {
        var question = question()
        question.index.checkpoints[2].quarantines = [
            Quarantine(digest: specDigest, attempt: 2, reason: "r", at: noon)
        ]
        question.attempt = 3
        question.failures = [failure(id(1, 2))]
        #expect(isHeld(ResumeChooser.decide(question)))
        // A person has looked: the streak is over.
        question.forgivenThrough = 2
        #expect(
            ResumeChooser.decide(question) == restore(id(1, 1), quarantine: id(1, 2)))
    }

    @Test("previous: a commit since the last quarantine → a new streak")
    func progress() {
        var question = question()
        question.index.checkpoints[2].quarantines = [
            Quarantine(digest: specDigest, attempt: 2, reason: "r", at: noon)
        ]
        question.index.head = Head(attempt: 2, checkpoint: id(1, 2))
        question.index.checkpoints.append(entry(id(2, 1), id(1, 2)))
        question.attempt = 3
        #expect(ResumeChooser.decide(question) == restore(id(2, 1)))
        question.failures = [failure(id(2, 1))]
        #expect(
            ResumeChooser.decide(question) == restore(id(1, 2), quarantine: id(2, 1)))
    }

    @Test("previous: the only checkpoint is invalid → quarantined, then fresh")
    func onlyOne() {
        var question = question()
        question.index.checkpoints.removeLast(2)
        question.failures = [failure(id(1, 1))]
        let decision = ResumeChooser.decide(question)
        #expect(decision.quarantine == id(1, 1))
        #expect(isFresh(decision))
    }

    @Test("fresh: the newest is invalid → quarantined and fresh, at once")
    func onInvalidFresh() {
        var question = question(.fresh)
        question.failures = [failure(id(1, 3))]
        let decision = ResumeChooser.decide(question)
        #expect(decision.quarantine == id(1, 3))
        #expect(isFresh(decision))
    }

    @Test("hold: the newest is invalid → held; all in quarantine → held; none ever → fresh")
    func onInvalidHold() {
        var question = question(.hold)
        question.failures = [failure(id(1, 3))]
        #expect(isHeld(ResumeChooser.decide(question)))
        question.failures = []
        question.retired = [id(1, 1), id(1, 2), id(1, 3)]
        #expect(isHeld(ResumeChooser.decide(question)))
        question.index.checkpoints = []
        #expect(isFresh(ResumeChooser.decide(question)))
    }

    @Test(
        "named → that one, of any run; invalid or deleted → held, or fresh as the manifest says"
    )
    func named() throws {
        var question = question()
        let other = try #require(CheckpointReference("other/0007-00000001"))
        question.start = StartPoint(.named, checkpoint: other)
        #expect(ResumeChooser.decide(question).choice == .restore(other))
        question.failures = [FailedRestore(checkpoint: other, reason: "bit flip")]
        #expect(isHeld(ResumeChooser.decide(question)))
        question.onInvalid = .fresh
        #expect(isFresh(ResumeChooser.decide(question)))
        question.failures = []
        question.start.checkpoint = CheckpointReference(checkpoint: id(1, 1))
        question.retired = [id(1, 1)]
        #expect(isHeld(ResumeChooser.decide(question)))
    }

    @Test("asked to start afresh → fresh; here again after it has begun → its own newest")
    func begunBefore() {
        var question = question()
        question.start = StartPoint(.fresh)
        #expect(isFresh(ResumeChooser.decide(question)))
        question.index.head = Head(attempt: 2, checkpoint: nil)
        question.index.checkpoints.append(entry(id(2, 1), nil))
        #expect(ResumeChooser.decide(question) == restore(id(2, 1)))
    }
}
