package import Training

/// What goes wrong with which calls.
package struct FaultRule: Hashable, Sendable {
    package enum Effect: Hashable, Sendable {
        /// Refused before anything happens.
        case refuse(CloudFailure)
        /// Done, but the answer never arrives.
        case loseReply
        /// Not done, and no answer either: the network is away.
        case unreachable
        /// Done, and then answered with this error all the same.
        case refuseAfter(CloudFailure)
        /// Answered this many milliseconds late.
        case delay(Int64)
    }

    /// Which of the calls that fit it strikes.
    package enum Occurrence: Hashable, Sendable {
        case always
        /// The n-th alone, from 1.
        case nth(Int)
        /// The first n.
        case first(Int)
        case chance(Double)
    }

    package var service: CloudCall.Service?
    /// With AWS's wildcards; nil: any.
    package var operation: String?
    package var region: String?
    /// One of the call's resources fits this pattern; nil: any, or none.
    package var resource: String?
    package var accessKey: String?
    package var occurrence: Occurrence
    package var effect: Effect
    /// It holds from `since` up to, but without, `until`.
    package var since: Timestamp?
    package var until: Timestamp?

    package init(
        service: CloudCall.Service? = nil, operation: String? = nil, region: String? = nil,
        resource: String? = nil, accessKey: String? = nil, occurrence: Occurrence = .always,
        effect: Effect, since: Timestamp? = nil, until: Timestamp? = nil
    ) {
        self.service = service
        self.operation = operation
        self.region = region
        self.resource = resource
        self.accessKey = accessKey
        self.occurrence = occurrence
        self.effect = effect
        self.since = since
        self.until = until
    }

    /// A whole region does not answer.
    package static func outage(
        region: String, since: Timestamp? = nil, until: Timestamp? = nil
    ) -> FaultRule {
        FaultRule(region: region, effect: .unreachable, since: since, until: until)
    }

    /// A bucket does not answer.
    package static func outage(
        bucket: String, since: Timestamp? = nil, until: Timestamp? = nil
    ) -> FaultRule {
        FaultRule(
            service: .s3, resource: "\(bucket)*", effect: .unreachable, since: since, until: until)
    }

    func fits(_ call: CloudCall, at now: Timestamp) -> Bool {
        if let service, service != call.service { return false }
        if let region, region != call.region { return false }
        if let accessKey, accessKey != call.accessKey { return false }
        if let since, now < since { return false }
        if let until, now >= until { return false }
        if let operation, !Wildcard(operation, escapes: false).matches(call.operation) {
            return false
        }
        guard let resource else { return true }
        let pattern = Wildcard(resource, escapes: false)
        return call.resources.contains { pattern.matches($0) }
    }
}

/// The faults of a simulated cloud, by name, and how often each fitted.
package struct FaultPlan: Sendable {
    private var rules: [(name: String, rule: FaultRule, seen: Int)] = []

    package init() {}

    package var names: [String] { rules.map(\.name) }

    /// Adds a rule, or replaces the one of that name and counts anew.
    ///
    /// The earliest that strikes decides.
    package mutating func set(_ name: String, _ rule: FaultRule?) {
        rules.removeAll { $0.name == name }
        if let rule { rules.append((name, rule, 0)) }
    }

    package mutating func clear() {
        rules = []
    }

    /// What becomes of a call; nil: nothing.
    mutating func effect(
        on call: CloudCall, at now: Timestamp, using generator: inout SplitMix64
    ) -> FaultRule.Effect? {
        var found: FaultRule.Effect?
        for at in rules.indices where rules[at].rule.fits(call, at: now) {
            rules[at].seen += 1
            let strikes: Bool =
                switch rules[at].rule.occurrence {
                case .always: true
                case .nth(let number): rules[at].seen == number
                case .first(let count): rules[at].seen <= count
                case .chance(let probability): generator.chance(probability)
                }
            if strikes && found == nil { found = rules[at].rule.effect }
        }
        return found
    }
}
