import Testing

@testable import Training

@Suite struct TimestampTests {
    @Test("a moment -> written as RFC 3339 and read back to the same moment")
    func roundTrip() throws {
        let moment = Timestamp(milliseconds: 1_795_263_689_526)
        #expect(moment.description == "2026-11-21T12:21:29.526Z")
        #expect(Timestamp(moment.description) == moment)
        #expect(Timestamp("2026-12-01T00:00:00Z") == Timestamp(milliseconds: 1_796_083_200_000))
        #expect(Timestamp("tomorrow") == nil)
    }

    @Test("every millisecond of some seconds, before 1970 too → read back to the same moment")
    func everyMillisecond() {
        for start in [1_790_000_000_000, 0, -1_500] as [Int64] {
            let lost = (0..<3_000).map { Timestamp(milliseconds: start + $0) }.filter {
                Timestamp($0.description) != $0
            }
            #expect(lost.isEmpty)
        }
    }
}
