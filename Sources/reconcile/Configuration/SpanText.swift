import Training

/// Spans of time as people write them: `90s`, `10m`, `2h`, `7d`, `500ms`.
enum SpanText {
    /// No span is longer than this; nil beyond it.
    static let longest: Seconds = .hours(24 * 365)

    /// Whole seconds; nil for anything else, a negative span and a missing unit included.
    static func seconds(_ text: String) -> Seconds? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int(digits), !digits.isEmpty else { return nil }
        let factor: Int
        switch text.dropFirst(digits.count) {
        case "s": factor = 1
        case "m": factor = 60
        case "h": factor = 3600
        case "d": factor = 86_400
        case "" where count == 0: factor = 1
        default: return nil
        }
        let (product, overflow) = count.multipliedReportingOverflow(by: factor)
        guard !overflow, product <= longest.count else { return nil }
        return Seconds(product)
    }

    /// Every second of it, for sums: `45s`, `12m 5s`, `3h 0m 7s`.
    static func exact(_ span: Seconds) -> String {
        let (hours, minutes, seconds) = (span.count / 3600, span.count / 60 % 60, span.count % 60)
        if hours > 0 { return "\(hours)h \(minutes)m \(seconds)s" }
        return minutes > 0 ? "\(minutes)m \(seconds)s" : "\(seconds)s"
    }

    /// How long ago or until, for tables: `45s`, `12m`, `3h`, `5d`.
    static func rough(_ span: Seconds) -> String {
        let count = abs(span.count)
        switch count {
        case ..<120: return "\(count)s"
        case ..<7200: return "\(count / 60)m"
        case ..<172_800: return "\(count / 3600)h"
        default: return "\(count / 86_400)d"
        }
    }
}
