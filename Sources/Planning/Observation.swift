package import Training

/// All that one pass saw.
///
/// Complete, but for what it names as unknown.
package struct Observation: Hashable, Sendable {
    /// The store's own time.
    package var at: Timestamp
    package var scope: ScopeRecord?
    package var runs: [RunName: ObservedRun]
    /// Every machine that bears our scope's tag, foreign ones included.
    package var instances: [Instance]
    /// Regions that could not be read whole, with the reason.
    package var unknownRegions: [String: String]
    /// Runs whose records could not be read, with the reason.
    package var unknownRuns: [RunName: String]
    /// The source archives that are stored already, by Git tree id.
    package var sources: [String: SourceArchive]
    /// Client tokens that this process froze itself and has not sent yet.
    package var unsentTokens: Set<String>

    package init(
        at: Timestamp, scope: ScopeRecord? = nil, runs: [RunName: ObservedRun] = [:],
        instances: [Instance] = [], unknownRegions: [String: String] = [:],
        unknownRuns: [RunName: String] = [:], sources: [String: SourceArchive] = [:],
        unsentTokens: Set<String> = []
    ) {
        self.at = at
        self.scope = scope
        self.runs = runs
        self.instances = instances
        self.unknownRegions = unknownRegions
        self.unknownRuns = unknownRuns
        self.sources = sources
        self.unsentTokens = unsentTokens
    }
}

/// The records of one run as they were read.
package struct ObservedRun: Hashable, Sendable {
    package var ledger: Ledger?
    package var index: RunIndex?
    /// By attempt: a waiting replacement cannot mask a death.
    package var heartbeats: [Int: ObservedHeartbeat]

    package init(
        ledger: Ledger? = nil, index: RunIndex? = nil, heartbeats: [Int: ObservedHeartbeat] = [:]
    ) {
        self.ledger = ledger
        self.index = index
        self.heartbeats = heartbeats
    }
}

package struct ObservedHeartbeat: Hashable, Sendable {
    /// The object's LastModified: the liveness.
    package var at: Timestamp
    /// Nil when the body was not read or is malformed.
    package var body: Heartbeat?

    package init(at: Timestamp, body: Heartbeat?) {
        self.at = at
        self.body = body
    }
}

/// What does not change between passes: who we are and where machines are made.
package struct FleetContext: Hashable, Sendable {
    package var scope: String
    package var store: StoreIdentity
    package var storeURL: String
    package var region: String
    package var pace: AgentConfiguration.Pace

    package init(
        scope: String, store: StoreIdentity, storeURL: String, region: String,
        pace: AgentConfiguration.Pace
    ) {
        self.scope = scope
        self.store = store
        self.storeURL = storeURL
        self.region = region
        self.pace = pace
    }
}
