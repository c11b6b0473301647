package import Training

extension SplitMix64 {
    /// A span of milliseconds within `range`.
    package mutating func span(_ range: ClosedRange<Int64>) -> Int64 {
        range.lowerBound == range.upperBound
            ? range.lowerBound : Int64.random(in: range, using: &self)
    }

    /// True with a probability of 0…1; draws nothing where the answer is certain.
    package mutating func chance(_ probability: Double) -> Bool {
        if probability <= 0 { return false }
        if probability >= 1 { return true }
        return Double(next() >> 11) * 0x1p-53 < probability
    }

    /// `count` lower-case hexadecimal digits, at most 16 of a draw.
    package mutating func hex(_ count: Int) -> String {
        var digits: [UInt8] = []
        digits.reserveCapacity(count)
        var word: UInt64 = 0
        for place in 0..<count {
            if place % 16 == 0 { word = next() }
            let digit = UInt8(truncatingIfNeeded: word & 15)
            digits.append(digit < 10 ? 48 + digit : 87 + digit)
            word >>= 4
        }
        return String(decoding: digits, as: UTF8.self)
    }
}
