/// Names that people misspell: what they may have meant, and how a name is shown.
enum Spelling {
    /// The name in backquotes when it looks like one; nil for anything that could be a secret, a
    /// page of text or a terminal's escape sequence.
    static func quoted(_ name: String) -> String? {
        let isWord = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
                UInt8(ascii: "."), UInt8(ascii: "/"):
                true
            default: false
            }
        }
        return isWord && (1...40).contains(name.utf8.count) ? "`\(name)`" : nil
    }

    /// The candidate that is nearest to what was written, when it is near enough to be a slip.
    static func nearest(to name: String, among candidates: [String]) -> String? {
        guard (1...40).contains(name.utf8.count) else { return nil }
        let written = Array(name.lowercased().utf8)
        var best: (distance: Int, candidate: String)?
        for candidate in candidates.sorted() {
            let length = candidate.utf8.count
            let allowed = max(1, min(written.count, length) / 3)
            guard abs(written.count - length) <= allowed else { continue }
            let distance = distance(written, Array(candidate.utf8))
            guard distance <= allowed, distance < best?.distance ?? .max else { continue }
            best = (distance, candidate)
        }
        return best?.candidate
    }

    /// Insertions, deletions, replacements and swaps of neighbours between two words (optimal
    /// string alignment).
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var before: [Int] = []
        var previous = Array(0...b.count)
        for i in 0..<a.count {
            var current = [i + 1]
            for j in 0..<b.count {
                var cost = min(
                    previous[j + 1] + 1, current[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    cost = min(cost, before[j - 1] + 1)
                }
                current.append(cost)
            }
            (before, previous) = (previous, current)
        }
        return previous[b.count]
    }
}
