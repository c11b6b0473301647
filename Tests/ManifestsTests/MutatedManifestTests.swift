import Testing

@testable import Manifests

/// Small steps from a fixed seed (Marsaglia's xorshift): the same mutations in each run.
private struct Steps: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}

@Suite struct MutatedManifestTests {
    static let fragments = [
        "\n", "  ", "\t", ": ", "- ", "[", "]", "{", "}", "\"", "'", "&a ", "*a", "!!int ", "<<: ",
        "---\n", "...\n", "|", ">", "#", "%", "@", "?", ",", "\u{0}", "\u{85}", "é", "\u{FEFF}",
        "~",
        "0x", "1e9", ".inf", "null",
    ].map { Array($0.utf8) }

    @Test(
        "mutated samples → read to the end, every finding inside the file",
        arguments: Golden.samples(in: "Good"))
    func mutated(name: String) throws {
        let sample = try Golden.bytes("Good/\(name).yaml")
        for seed in 1...120 {
            var steps = Steps(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15)
            let bytes = MutatedManifestTests.mutate(sample, with: &steps)
            let lines = bytes.count { $0 == 10 || $0 == 13 || $0 == 0x85 } + 2
            for finding in ManifestDocuments.parse(bytes).findings {
                #expect((1...lines).contains(finding.position.line), "\(name), seed \(seed)")
                #expect((1...bytes.count + 2).contains(finding.position.column))
            }
        }
    }

    private static func mutate(_ sample: [UInt8], with steps: inout Steps) -> [UInt8] {
        var bytes = sample
        for _ in 0..<Int.random(in: 1...6, using: &steps) {
            let place = Int.random(in: 0...bytes.count, using: &steps)
            switch Int.random(in: 0..<4, using: &steps) {
            case 0:
                let end = min(bytes.count, place + Int.random(in: 1...12, using: &steps))
                bytes.removeSubrange(place..<end)
            case 1 where place < bytes.count:
                bytes[place] = UInt8.random(in: 0...255, using: &steps)
            case 2:
                let end = min(bytes.count, place + Int.random(in: 1...40, using: &steps))
                bytes.insert(contentsOf: bytes[place..<end], at: place)
            default:
                let fragment = fragments[Int.random(in: 0..<fragments.count, using: &steps)]
                bytes.insert(contentsOf: fragment, at: place)
            }
        }
        return bytes
    }
}
