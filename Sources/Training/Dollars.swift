/// An amount of US dollars, exact to a millionth.
package struct Dollars: Hashable, Comparable, Sendable, TextCoded {
    package static let textForm = "an amount of dollars such as 0.526"

    package let micros: Int

    package init(micros: Int) {
        self.micros = micros
    }

    /// A plain decimal without sign, at most six places after the point; nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }),
            text.utf8.allSatisfy({ $0 == UInt8(ascii: ".") || (0x30...0x39).contains($0) }),
            let whole = Int(parts[0]), whole <= 1_000_000_000
        else { return nil }
        let fraction = parts.count == 2 ? parts[1] : "0"
        // EC2 gives prices with six places, some of its lists with ten: the rest is rounded off.
        let digits = fraction.prefix(6)
        guard let value = Int(digits + String(repeating: "0", count: 6 - digits.count)) else {
            return nil
        }
        micros = whole * 1_000_000 + value
    }

    /// Exact, with at least two places: `0.526`, `1.00`.
    package var description: String {
        let fraction = String(micros % 1_000_000 + 1_000_000).dropFirst()
        var places = fraction[...]
        while places.count > 2, places.last == "0" { places = places.dropLast() }
        return "\(micros / 1_000_000).\(places)"
    }

    /// Rounded to a cent, for sums: `0.42`.
    package var toCents: String { Dollars(micros: (micros + 5000) / 10_000 * 10_000).description }

    package static func < (a: Dollars, b: Dollars) -> Bool { a.micros < b.micros }
    package static func + (a: Dollars, b: Dollars) -> Dollars {
        Dollars(micros: a.micros + b.micros)
    }
}
