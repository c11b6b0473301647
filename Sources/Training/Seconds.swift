/// A span of time in whole seconds, as manifests declare it (`10m`, `72h`).
package struct Seconds: Hashable, Comparable, Sendable, Codable, ExpressibleByIntegerLiteral {
    package var count: Int

    package init(_ count: Int) {
        self.count = count
    }

    package init(integerLiteral value: Int) {
        count = value
    }

    package static func minutes(_ count: Int) -> Seconds { Seconds(count * 60) }
    package static func hours(_ count: Int) -> Seconds { Seconds(count * 3600) }

    package var milliseconds: Int64 { Int64(count) * 1000 }
    package var duration: Duration { .seconds(count) }

    package static func < (a: Seconds, b: Seconds) -> Bool { a.count < b.count }
    package static func + (a: Seconds, b: Seconds) -> Seconds { Seconds(a.count + b.count) }
    package static func - (a: Seconds, b: Seconds) -> Seconds { Seconds(a.count - b.count) }

    package init(from decoder: any Decoder) throws {
        count = try decoder.singleValueContainer().decode(Int.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(count)
    }
}

extension Seconds: CustomStringConvertible {
    /// The shortest exact form in manifest units: `90s`, `10m`, `72h`, `0s`.
    package var description: String {
        if count != 0 && count % 3600 == 0 { return "\(count / 3600)h" }
        if count != 0 && count % 60 == 0 { return "\(count / 60)m" }
        return "\(count)s"
    }
}
