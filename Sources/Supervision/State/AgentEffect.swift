package import Training

/// What the agent wants done.
///
/// Each one is answered by exactly one event, but for `signal`, `kill`, `remember` and `powerOff`.
package enum AgentEffect: Hashable, Sendable {
    /// Conditional: an unchanged ledger is answered as such.
    case readLedger
    case readNotice
    case readProtection
    case heartbeat(Heartbeat, attempt: Int)
    case scan(CheckpointPolicy)
    case commit(CommitOrder)
    case report(AttemptReport)
    /// Takes retired checkpoints out of the index.
    case drop([CheckpointID])
    case step(Int, AgentStep)
    /// To every process of the run, once.
    case signal(StopPolicy.Signal)
    /// SIGKILL to every process of the run until none is left.
    case kill
    case remember(AgentMemory)
    /// The last effect: the agent ends and the machine goes.
    case powerOff(PowerOff, reason: String)
}

/// One step on the road from boot to training and from its end to the last report; one at a time.
package enum AgentStep: Hashable, Sendable {
    /// Raises the claim, adopts what closed attempts committed, and seals them; answered by
    /// `claimed`.
    case claim(attempt: Int, ordinal: Int, retired: [CheckpointID])
    case fetchSpec(StoredReference)
    /// Makes the working directory; an older generation's files are removed from it.
    case prepareWorkspace(clears: Bool)
    /// Readies the user that the manifest's commands run as; nothing of it runs before.
    case admit(TrainerAccount)
    /// Fetches, verifies and unpacks the source into the working directory.
    case fetchSource(SourceArchive)
    /// Fetches what is not there yet; tells its progress by `mounting`.
    case fetchMounts([FileMount])
    /// By environment variable; the values go into the environment of what is started from now on,
    /// and nowhere else.
    case fetchSecrets([String: SecretReference])
    /// Answered by `.done` once it runs; its end is `processesEnded`.
    case setup(AgentCommand)
    case restore(CheckpointReference)
    /// Answered by the index.
    case quarantine(CheckpointID, SpecDigest, reason: String)
    case setHead(CheckpointID?)
    /// Scans a directory that nobody writes to.
    case findLocal(CheckpointPolicy)
    /// Answered by `.done` once it runs; its end is `processesEnded`.
    case start(AgentCommand)
    case checkCompletion(CompletionRule)
    /// Ships what is left of the logs; best effort.
    case flushLogs
}

/// A command of the manifest, for a shell, with the whole environment that Holdfast adds.
package struct AgentCommand: Hashable, Sendable {
    package var text: String
    package var environment: [String: String]

    package init(text: String, environment: [String: String]) {
        self.text = text
        self.environment = environment
    }
}

/// A checkpoint to commit and what its manifest says of it.
package struct CommitOrder: Hashable, Sendable {
    package var checkpoint: LocalCheckpoint
    package var policy: CheckpointPolicy
    package var generation: Int
    package var digest: SpecDigest

    package init(
        checkpoint: LocalCheckpoint, policy: CheckpointPolicy, generation: Int, digest: SpecDigest
    ) {
        self.checkpoint = checkpoint
        self.policy = policy
        self.generation = generation
        self.digest = digest
    }
}

/// How the machine goes.
package enum PowerOff: String, Hashable, Sendable {
    /// As its launch says: EC2's `InstanceInitiatedShutdownBehavior`.
    case asLaunched = "as-launched"
    case stop
    case terminate
}

/// What a disk remembers of the life before: a cache, never the truth.
package struct AgentMemory: Hashable, Sendable, Codable {
    /// Fingerprints that are kept; the oldest go first.
    package static let knownLimit = 1000

    package private(set) var version = 1
    package var run: RunName
    package var attempt: Int
    package var generation: Int
    package var digest: SpecDigest
    /// Fingerprints of local checkpoints that need no commit any more.
    package var known: [String]

    package init(
        run: RunName, attempt: Int, generation: Int, digest: SpecDigest, known: [String]
    ) {
        self.run = run
        self.attempt = attempt
        self.generation = generation
        self.digest = digest
        self.known = known.suffix(AgentMemory.knownLimit)
    }
}
