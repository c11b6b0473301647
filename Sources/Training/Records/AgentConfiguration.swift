/// What a machine is told at its launch: its user data, frozen with the request.
package struct AgentConfiguration: Hashable, Sendable, Codable {
    /// How often the agent looks and speaks, in milliseconds.
    package struct Pace: Hashable, Sendable, Codable {
        package var metadata: Int
        package var ledger: Int
        package var heartbeat: Int

        package init(metadata: Int, ledger: Int, heartbeat: Int) {
            self.metadata = metadata
            self.ledger = ledger
            self.heartbeat = heartbeat
        }

        /// On EC2: metadata each 2 s, the ledger each 10 s, a heartbeat each 30 s.
        package static let remote = Pace(metadata: 2_000, ledger: 10_000, heartbeat: 30_000)
        /// On this machine, where reads cost nothing.
        package static let local = Pace(metadata: 200, ledger: 500, heartbeat: 1_000)
    }

    package private(set) var version = 1
    package var scope: String
    package var store: StoreIdentity
    /// `file:///path`, or `s3://bucket/prefix`.
    package var storeURL: String
    /// The bucket's region; nil for a directory.
    package var storeRegion: String?
    package var run: RunName
    package var attempt: Int
    package var ordinal: Int
    package var node: Int
    package var pace: Pace
    /// As whom the manifest's commands run; nil: as the agent itself.
    package var trainer: TrainerAccount?
    /// How the machine ends when its own system shuts down; nil: as the agent says (the embedded
    /// provider).
    package var shutdownBehavior: LaunchRequest.ShutdownBehavior?

    package init(
        scope: String, store: StoreIdentity, storeURL: String, storeRegion: String? = nil,
        run: RunName, attempt: Int, ordinal: Int, node: Int = 0, pace: Pace,
        trainer: TrainerAccount? = nil
    ) {
        self.scope = scope
        self.store = store
        self.storeURL = storeURL
        self.storeRegion = storeRegion
        self.run = run
        self.attempt = attempt
        self.ordinal = ordinal
        self.node = node
        self.pace = pace
        self.trainer = trainer
    }
}
