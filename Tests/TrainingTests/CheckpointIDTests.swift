import Testing
import Training

struct CheckpointIDTests {
    @Test(
        "written and read → the same",
        arguments: [(1, 1), (9_999, 99_999_999), (10_000, 7), (2, 100_000_000)])
    func roundTrip(attempt: Int, sequence: Int) {
        let id = CheckpointID(attempt: attempt, sequence: sequence)
        #expect(CheckpointID(id.description) == id)
    }

    @Test("padded for the layout, ordered by numbers")
    func order() {
        #expect(CheckpointID(attempt: 2, sequence: 3).description == "0002-00000003")
        #expect(
            CheckpointID(attempt: 9_999, sequence: 5) < CheckpointID(attempt: 10_000, sequence: 1))
    }

    @Test(
        "any other form → no id",
        arguments: [
            "", "1-1", "0001-1", "0000-00000001", "0001-00000000", "00001-00000001",
            "0001-00000001-", "-001-00000001", "0001-0000000x", "0001_00000001",
            "٠٠٠١-00000001", "99999999999999999999-00000001",
        ])
    func refused(text: String) {
        #expect(CheckpointID(text) == nil)
    }

    @Test("a reference → with and without a run, nothing else")
    func reference() {
        #expect(CheckpointReference("0002-00000003")?.run == nil)
        #expect(CheckpointReference("other/0002-00000003")?.run?.text == "other")
        for text in ["", "/0002-00000003", "a/b/0002-00000003", "Other/0002-00000003", "other/"] {
            #expect(CheckpointReference(text) == nil)
        }
        #expect(CheckpointReference("other/0002-00000003")?.description == "other/0002-00000003")
    }
}
