package import Training

/// The time form of HTTP headers, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7), and
/// that of scheduled maintenance, `6 Nov 1994 08:49:37 GMT`.
package enum HTTPDate {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Reads a time; nil for anything else, such as a zone that is not GMT.
    package static func parse(_ text: String) -> Timestamp? {
        var words = text.split(separator: " ")
        if words.first?.hasSuffix(",") == true { words.removeFirst() }
        guard words.count == 5, words[4] == "GMT" || words[4] == "UTC",
            let day = number(words[0], in: 1...31),
            let month = months.firstIndex(of: String(words[1])),
            let year = number(words[2], in: 1970...9999)
        else { return nil }
        let clock = words[3].split(separator: ":", omittingEmptySubsequences: false)
        guard clock.count == 3, let hour = number(clock[0], in: 0...23),
            let minute = number(clock[1], in: 0...59), let second = number(clock[2], in: 0...60)
        else { return nil }
        let days = daysSince1970(year: year, month: month + 1, day: day)
        return Timestamp(
            milliseconds: Int64(((days * 24 + hour) * 60 + minute) * 60 + second) * 1000)
    }

    private static func number(_ text: Substring, in range: ClosedRange<Int>) -> Int? {
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), let value = Int(text),
            range.contains(value)
        else { return nil }
        return value
    }

    /// Of the proleptic Gregorian calendar; years begin in March, so that the leap day is last.
    private static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
        let year = month > 2 ? year : year - 1
        let monthFromMarch = (month + 9) % 12
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        return year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
    }
}
