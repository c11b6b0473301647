/// How often each of several things happened, by name.
package struct Tally: Hashable, Sendable {
    package private(set) var counts: [String: Int] = [:]

    package init() {}

    package mutating func add(_ name: String, _ count: Int = 1) {
        counts[name, default: 0] += count
    }

    package mutating func add(_ other: Tally) {
        counts.merge(other.counts, uniquingKeysWith: +)
    }

    package subscript(name: String) -> Int { counts[name] ?? 0 }

    package var total: Int { counts.values.reduce(0, +) }

    /// The most frequent first, then by name.
    package var rows: [(name: String, count: Int)] {
        counts.map { (name: $0.key, count: $0.value) }
            .sorted { ($1.count, $0.name) < ($0.count, $1.name) }
    }
}
