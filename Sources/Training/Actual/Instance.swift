/// The provider's id of a machine, `i-0123456789abcdef0`.
package struct InstanceID: Hashable, Comparable, Sendable, TextCoded {
    package static let textForm = "an instance id"

    package let text: String

    package init(_ text: String) {
        self.text = text
    }

    package var description: String { text }
    package static func < (a: InstanceID, b: InstanceID) -> Bool { a.text < b.text }
}

/// A machine as its provider describes it.
package struct Instance: Hashable, Sendable {
    /// EC2's states; a provider without one of them never reports it.
    package enum State: String, Sendable, Codable {
        case pending
        case running
        case stopping
        case stopped
        case shuttingDown
        case terminated

        /// Nothing runs on it any more and its disk is no longer written.
        package var hasEnded: Bool { self == .stopped || self == .terminated }
    }

    package var id: InstanceID
    package var state: State
    /// EC2's `StateReason.Code`, such as `Server.SpotInstanceTermination`; empty while it runs.
    package var stateReason: String
    package var market: Market
    package var region: String
    package var clientToken: String
    package var tags: [String: String]
    package var launchedAt: Timestamp
    /// When `state` was reached, where the provider knows.
    package var stateSince: Timestamp?
    /// Empty where the provider has none.
    package var instanceType: String
    /// Empty where the provider has none.
    package var zone: String

    package init(
        id: InstanceID, state: State, stateReason: String = "", market: Market, region: String,
        clientToken: String, tags: [String: String], launchedAt: Timestamp,
        stateSince: Timestamp? = nil, instanceType: String = "", zone: String = ""
    ) {
        self.id = id
        self.state = state
        self.stateReason = stateReason
        self.market = market
        self.region = region
        self.clientToken = clientToken
        self.tags = tags
        self.launchedAt = launchedAt
        self.stateSince = stateSince
        self.instanceType = instanceType
        self.zone = zone
    }
}

/// How a machine is bought; it decides what may be done to it.
package enum Market: String, Sendable, Codable {
    case onDemand = "on-demand"
    /// One-time spot: cannot be stopped, only terminated (EC2 user guide, spot requests).
    case spot

    package var canStop: Bool { self == .onDemand }
}

/// The tags that Holdfast writes.
///
/// Keys are legal in instance metadata: letters, digits, `-` and `:`.
package enum Tag {
    package static let scope = "holdfast:scope"
    package static let store = "holdfast:store"
    package static let run = "holdfast:run"
    package static let attempt = "holdfast:attempt"
    package static let ordinal = "holdfast:ordinal"
    package static let digest = "holdfast:digest"
    package static let revision = "holdfast:revision"
    package static let name = "Name"
    /// A hint that the ledger holds a new intent for this machine's agent.
    package static let intent = "holdfast:intent"
    /// Set to `true` by a person: never stopped or terminated.
    package static let protect = "holdfast:protect"
}

extension Instance {
    package var isProtected: Bool { tags[Tag.protect] == "true" }
    package var run: RunName? { tags[Tag.run].flatMap { RunName($0) } }
    package var attempt: Int? { tags[Tag.attempt].flatMap { Int($0) } }
    package var ordinal: Int? { tags[Tag.ordinal].flatMap { Int($0) } }
}
