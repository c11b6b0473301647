import Testing
import Training

struct LineageTests {
    private func id(_ attempt: Int, _ sequence: Int) -> CheckpointID {
        Samples.id(attempt, sequence)
    }

    private func index(
        head: Head?, _ entries: [(CheckpointID, CheckpointID?)]
    ) -> RunIndex {
        var index = RunIndex(run: Samples.run, writer: "w")
        index.head = head
        index.checkpoints = entries.map { id, parent in
            IndexedCheckpoint(
                id: id, generation: 1, digest: Samples.digest, step: nil, parent: parent, size: 1,
                committedAt: Samples.noon)
        }
        return index
    }

    @Test("no checkpoints → no lineage")
    func empty() {
        #expect(index(head: nil, []).lineage.isEmpty)
        #expect(index(head: Head(attempt: 1, checkpoint: id(1, 1)), []).lineage.isEmpty)
    }

    @Test("attempts one after another → from the newest to the first")
    func straight() {
        let index = index(
            head: Head(attempt: 2, checkpoint: id(1, 2)),
            [(id(1, 1), nil), (id(1, 2), id(1, 1)), (id(2, 1), id(1, 2))])
        #expect(index.lineage.map(\.id) == [id(2, 1), id(1, 2), id(1, 1)])
    }

    @Test("an attempt went back behind a checkpoint → that one is off the lineage")
    func branch() {
        let index = index(
            head: Head(attempt: 2, checkpoint: id(1, 1)),
            [(id(1, 1), nil), (id(1, 2), id(1, 1)), (id(2, 1), id(1, 1))])
        #expect(index.lineage.map(\.id) == [id(2, 1), id(1, 1)])
    }

    @Test("the head is chosen and nothing is committed since → the head, then its ancestors")
    func headOnly() {
        let index = index(
            head: Head(attempt: 2, checkpoint: id(1, 1)),
            [(id(1, 1), nil), (id(1, 2), id(1, 1))])
        #expect(index.lineage.map(\.id) == [id(1, 1)])
    }

    @Test("a fresh start → nothing of before, then only what was committed since")
    func fresh() {
        let before = [(id(1, 1), CheckpointID?.none), (id(1, 2), id(1, 1))]
        let head = Head(attempt: 2, checkpoint: nil)
        #expect(index(head: head, before).lineage.isEmpty)
        #expect(index(head: head, before + [(id(2, 1), nil)]).lineage.map(\.id) == [id(2, 1)])
    }

    @Test("parents in a circle, or newer than their children → an end all the same")
    func hostile() {
        let index = index(
            head: Head(attempt: 1, checkpoint: id(1, 3)),
            [(id(1, 1), id(1, 2)), (id(1, 2), id(1, 1)), (id(1, 3), id(1, 3))])
        #expect(index.lineage.count <= 3)
    }

    @Test("candidates → not other generations, retired ones, those in quarantine with this spec")
    func candidates() {
        var index = index(
            head: Head(attempt: 1, checkpoint: nil),
            [
                (id(1, 1), nil), (id(1, 2), id(1, 1)), (id(1, 3), id(1, 2)),
                (id(1, 4), id(1, 3)),
            ])
        let other = SpecDigest(text: "v1:other")
        index.checkpoints[0].generation = 2
        index.checkpoints[2].quarantines = [
            Quarantine(digest: Samples.digest, attempt: 1, reason: "r", at: Samples.noon)
        ]
        func ids(_ digest: SpecDigest) -> [CheckpointID] {
            index.candidates(generation: 1, digest: digest, retired: [id(1, 4)]).map(\.id)
        }
        #expect(ids(Samples.digest) == [id(1, 2)])
        #expect(ids(other) == [id(1, 3), id(1, 2)])
    }
}
