import FoundationEssentials

/// A moment of wall-clock time: milliseconds since 1970-01-01T00:00:00Z.
///
/// Written everywhere as RFC 3339 in UTC, `2026-11-21T12:00:00.000Z`. Decisions take it as a
/// parameter; only a `Clock` at the edge makes one.
package struct Timestamp: Hashable, Comparable, Sendable {
    package var milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// Reads RFC 3339 with or without fractional seconds; nil for anything else.
    package init?(_ text: String) {
        let withFraction = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        let date =
            (try? withFraction.parse(text)) ?? (try? Date.ISO8601FormatStyle().parse(text))
        guard let date else { return nil }
        milliseconds = Int64((date.timeIntervalSince1970 * 1000).rounded())
    }

    package static func < (a: Timestamp, b: Timestamp) -> Bool {
        a.milliseconds < b.milliseconds
    }

    package static func + (moment: Timestamp, span: Seconds) -> Timestamp {
        Timestamp(milliseconds: moment.milliseconds + span.milliseconds)
    }

    package static func - (moment: Timestamp, span: Seconds) -> Timestamp {
        Timestamp(milliseconds: moment.milliseconds - span.milliseconds)
    }

    /// The time from `earlier` to `self`, whole seconds rounded down; negative when `earlier` is
    /// the later one.
    package func since(_ earlier: Timestamp) -> Seconds {
        let difference = milliseconds - earlier.milliseconds
        return Seconds(Int((Double(difference) / 1000).rounded(.down)))
    }
}

extension Timestamp: TextCoded {
    package static let textForm = "an RFC 3339 time"

    package var description: String {
        // The style cuts fractions of a binary double off, which loses a millisecond of every other
        // moment: so it only writes whole seconds.
        let fraction = (milliseconds % 1000 + 1000) % 1000
        let whole = Date(timeIntervalSince1970: Double((milliseconds - fraction) / 1000))
        let seconds = whole.formatted(Date.ISO8601FormatStyle()).dropLast()
        let digits = String(1000 + fraction).dropFirst()
        return "\(seconds).\(digits)Z"
    }
}
