import Simulation

/// New rules for a region's EC2; spans are `[shortest, longest]` in milliseconds, what is left out
/// stays.
struct RuleChange: Decodable {
    var boot: [Int64]?
    var shutdown: [Int64]?
    var visibility: [Int64]?
    var tagging: [Int64]?
    var tagFading: [Int64]?
    var fading: [Int64]?
    var quotaRelease: [Int64]?
    var fulfilment: [Int64]?
    var emptyPage: Double?
    var capacityStatus: Int?
    var refusesEndedTokens: Bool?
    var throttles: Bool?
    var hasSpotRole: Bool?

    func apply(to rules: inout SimulatedEC2.Rules) {
        set(&rules.boot, boot)
        set(&rules.shutdown, shutdown)
        set(&rules.visibility, visibility)
        set(&rules.tagging, tagging)
        set(&rules.tagFading, tagFading)
        set(&rules.fading, fading)
        set(&rules.quotaRelease, quotaRelease)
        set(&rules.fulfilment, fulfilment)
        rules.emptyPage = emptyPage ?? rules.emptyPage
        rules.capacityStatus = capacityStatus ?? rules.capacityStatus
        rules.refusesEndedTokens = refusesEndedTokens ?? rules.refusesEndedTokens
        rules.throttles = throttles ?? rules.throttles
        rules.hasSpotRole = hasSpotRole ?? rules.hasSpotRole
    }

    private func set(_ rule: inout ClosedRange<Int64>, _ span: [Int64]?) {
        guard let span, let shortest = span.first, let longest = span.last,
            0 <= shortest, shortest <= longest
        else { return }
        rule = shortest...longest
    }
}
