/// The checksums that a zip archive keeps of its records, proved in one pass over its bytes.
package struct RecordSums: Sendable {
    /// What the pass has shown.
    package enum Verdict: Hashable, Sendable {
        /// Every record is as it was written.
        case proved
        /// The archive was written without checksums, as PyTorch can be told to.
        case none
        /// These records are not as they were written.
        case broken([String])
    }

    private struct Expected: Sendable {
        var name: String
        var range: Range<Int>
        var sum: UInt32
    }

    /// In the order of their bytes.
    private let expected: [Expected]
    private var current = 0
    private var running = CRC32()
    private var place = 0
    private var broken: [String] = []

    /// Of the records that stand as they are; nil when there is none with a byte in it.
    init?(_ records: [ZipDirectory.Record]) {
        expected = records.filter { !$0.isDeflated && $0.size > 0 }.map {
            Expected(name: $0.shown, range: $0.offset..<($0.offset + $0.stored), sum: $0.sum)
        }
        if expected.isEmpty { return nil }
    }

    /// Takes in the next bytes of the file.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        let end = place + bytes.count
        while current < expected.count {
            let range = expected[current].range
            guard range.lowerBound < end else { break }
            let from = max(range.lowerBound, place)
            let upTo = min(range.upperBound, end)
            running.update(
                UnsafeRawBufferPointer(rebasing: bytes[(from - place)..<(upTo - place)]))
            guard range.upperBound <= end else { break }
            if running.value != expected[current].sum { broken.append(expected[current].name) }
            running = CRC32()
            current += 1
        }
        place = end
    }

    package func verdict() -> Verdict {
        // Bytes that never came are no proof.
        let missing = expected[current...].map(\.name)
        let bad = broken + missing
        if bad.isEmpty { return .proved }
        // One record with a wrong sum is damage, all of them a writer that keeps none.
        return bad.count == expected.count && expected.count > 1 && missing.isEmpty
            ? .none : .broken(bad)
    }
}
