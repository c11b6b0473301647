package import Training

/// All that one pass saw.
///
/// Complete, but for what it names as unknown.
package struct Observation: Hashable, Sendable {
    /// EC2's answers may lag this long behind a launch: until then absence proves nothing.
    package static let visibilityDelay: Seconds = .minutes(5)

    /// The store's own time.
    package var at: Timestamp
    package var scope: ScopeRecord?
    package var runs: [RunName: ObservedRun]
    /// Every machine that bears our scope's tag, foreign ones included.
    package var instances: [Instance]
    /// The regions that were to be read.
    package var regions: [String]
    /// Regions that could not be read whole, with the reason.
    package var unknownRegions: [String: String]
    /// Runs whose records could not be read, with the reason.
    package var unknownRuns: [RunName: String]
    /// The source archives that are stored already, by Git tree id.
    package var sources: [String: SourceArchive]
    /// Client tokens that this process froze itself and has not sent yet.
    package var unsentTokens: Set<String>
    /// What regions answered when they were asked for offerings.
    package var placements: [PlacementQuery: ObservedPlacement]
    /// The consoles that were read; empty where there was nothing to read.
    package var consoles: [InstanceID: String]

    package init(
        at: Timestamp, scope: ScopeRecord? = nil, runs: [RunName: ObservedRun] = [:],
        instances: [Instance] = [], regions: [String] = [],
        unknownRegions: [String: String] = [:], unknownRuns: [RunName: String] = [:],
        sources: [String: SourceArchive] = [:], unsentTokens: Set<String> = [],
        placements: [PlacementQuery: ObservedPlacement] = [:],
        consoles: [InstanceID: String] = [:]
    ) {
        self.at = at
        self.scope = scope
        self.runs = runs
        self.instances = instances
        self.regions = regions
        self.unknownRegions = unknownRegions
        self.unknownRuns = unknownRuns
        self.sources = sources
        self.unsentTokens = unsentTokens
        self.placements = placements
        self.consoles = consoles
    }
}

/// How a region answered a placement query.
package struct ObservedPlacement: Hashable, Sendable {
    /// An answer is good for this long.
    package static let lifetime: Seconds = .minutes(5)

    package enum Answer: Hashable, Sendable {
        case placement(Placement)
        /// The query can never be met: a person must change it.
        case impossible(String)
        /// Asked again later.
        case unknown(String)
    }

    package var answer: Answer
    package var at: Timestamp

    package init(_ answer: Answer, at: Timestamp) {
        self.answer = answer
        self.at = at
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
    /// The bucket's region; nil for a directory.
    package var storeRegion: String?
    /// Read in every pass, besides the regions that the scope's record names.
    package var regions: [String]
    package var pace: AgentConfiguration.Pace
    /// Nil on the embedded provider, whose machines are all alike.
    package var cloud: CloudContext?

    package init(
        scope: String, store: StoreIdentity, storeURL: String, storeRegion: String? = nil,
        regions: [String], pace: AgentConfiguration.Pace, cloud: CloudContext? = nil
    ) {
        self.scope = scope
        self.store = store
        self.storeURL = storeURL
        self.storeRegion = storeRegion
        self.regions = regions
        self.pace = pace
        self.cloud = cloud
    }
}

/// What a launch on EC2 needs besides the manifests.
package struct CloudContext: Hashable, Sendable {
    /// The agent's program, stored as `agents/<sha256>`.
    package var agent: Digest
    /// For runs whose manifest and profile name no region; nil: there is none.
    package var defaultRegion: String?

    package init(agent: Digest, defaultRegion: String?) {
        self.agent = agent
        self.defaultRegion = defaultRegion
    }
}
