/// The agents' record of one run: who may commit, what is committed, how each attempt fares.
///
/// `index/<run>.json`, changed by compare-and-swap and fenced by the claim. An agent wrote it: to
/// the control plane it is hostile input, within the bounds below.
package struct RunIndex: Hashable, Sendable, Codable {
    package static let checkpointLimit = 1000
    package static let reportLimit = 50

    package private(set) var version = 1
    package var serial: Int
    package var writer: String
    package var run: RunName
    package var claim: Claim?
    /// No checkpoint of an attempt up to this one is adopted any more.
    package var sealedThrough: Int
    /// What the claimed attempt went on from; set before its trainer starts.
    package var head: Head?
    /// Sorted by id.
    package var checkpoints: [IndexedCheckpoint]
    /// Sorted by attempt.
    package var reports: [AttemptReport]

    package init(run: RunName, writer: String) {
        self.run = run
        self.writer = writer
        serial = 0
        sealedThrough = 0
        checkpoints = []
        reports = []
    }

    package func report(of attempt: Int) -> AttemptReport? {
        reports.last { $0.attempt == attempt }
    }

    /// No two writes of an index have the same serial and writer.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(run)
        hasher.combine(serial)
        hasher.combine(writer)
    }
}

/// The right to commit: held by one boot of one machine.
package struct Claim: Hashable, Sendable, Codable {
    package var attempt: Int
    package var ordinal: Int
    package var instance: InstanceID
    /// Differs at each boot of the machine.
    package var boot: String
    /// Random; tells a writer whose reply was lost that the claim is its own.
    package var nonce: String
    package var at: Timestamp

    package init(
        attempt: Int, ordinal: Int, instance: InstanceID, boot: String, nonce: String,
        at: Timestamp
    ) {
        self.attempt = attempt
        self.ordinal = ordinal
        self.instance = instance
        self.boot = boot
        self.nonce = nonce
        self.at = at
    }
}

/// The root of the lineage that counts.
package struct Head: Hashable, Sendable, Codable {
    /// The attempt that chose it.
    package var attempt: Int
    /// Nil: that attempt started afresh.
    package var checkpoint: CheckpointID?

    package init(attempt: Int, checkpoint: CheckpointID?) {
        self.attempt = attempt
        self.checkpoint = checkpoint
    }
}

/// A committed checkpoint as the index lists it: only these are usable.
package struct IndexedCheckpoint: Hashable, Sendable, Codable {
    package var id: CheckpointID
    package var generation: Int
    package var digest: SpecDigest
    /// For people; trainers restart their numbers.
    package var step: Int?
    package var parent: CheckpointID?
    /// Bytes of all files.
    package var size: Int
    package var committedAt: Timestamp
    /// Why it is not used with a spec; at most one per spec digest.
    package var quarantines: [Quarantine]

    package init(
        id: CheckpointID, generation: Int, digest: SpecDigest, step: Int?, parent: CheckpointID?,
        size: Int, committedAt: Timestamp, quarantines: [Quarantine] = []
    ) {
        self.id = id
        self.generation = generation
        self.digest = digest
        self.step = step
        self.parent = parent
        self.size = size
        self.committedAt = committedAt
        self.quarantines = quarantines
    }
}

/// A checkpoint that did not verify, or failed at start, with one spec.
package struct Quarantine: Hashable, Sendable, Codable {
    package var digest: SpecDigest
    /// Who put it there: streaks without progress are counted by attempts, not by clocks.
    package var attempt: Int
    package var reason: String
    package var at: Timestamp

    package init(digest: SpecDigest, attempt: Int, reason: String, at: Timestamp) {
        self.digest = digest
        self.attempt = attempt
        self.reason = reason
        self.at = at
    }
}

/// What an agent says of its attempt; the last entry is its release.
package struct AttemptReport: Hashable, Sendable, Codable {
    package enum Phase: String, Sendable, Codable {
        case preparing
        case setup
        case restoring
        case training
        case draining
        case ended
    }

    package var attempt: Int
    package var phase: Phase
    package var since: Timestamp
    /// What it restored; nil with phase training: a fresh start.
    package var startedFrom: CheckpointID?
    /// Why it did not start from what was asked, for people.
    package var fallback: String?
    /// The intent that it took up last.
    package var acknowledged: String?
    /// All processes are gone and every candidate is committed or refused by name.
    package var released: Bool
    package var outcome: Outcome?
    package var exit: ExitStatus?
    /// The end of the run's log, at most 20 lines of 400 characters.
    package var lastLines: [String]
    /// Training time of this attempt.
    package var trained: Seconds
    package var step: Int?
    /// For people: what ended it, what was lost.
    package var detail: String?

    package init(attempt: Int, phase: Phase, since: Timestamp) {
        self.attempt = attempt
        self.phase = phase
        self.since = since
        released = false
        lastLines = []
        trained = 0
    }
}

/// How a process ended.
package struct ExitStatus: Hashable, Sendable, Codable, CustomStringConvertible {
    package var code: Int?
    package var signal: Int?

    package init(code: Int) { self.code = code }
    package init(signal: Int) { self.signal = signal }

    package var description: String {
        if let signal { return "signal \(signal)" }
        return "exit code \(code.map(String.init) ?? "unknown")"
    }
}
