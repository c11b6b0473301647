/// The control plane's record of one run: its attempts and their frozen launches.
///
/// `ledgers/<run>.json`, changed only by compare-and-swap. No instance role can write it.
package struct Ledger: Hashable, Sendable, Codable {
    /// Attempts that stay in the ledger; older ones move to `history/`.
    package static let attemptLimit = 50

    package private(set) var version = 1
    /// Raised by every write, since an ETag may be a content hash.
    package var serial: Int
    /// Who wrote last: host, process and a random part, for people and for recognising a lost
    /// reply.
    package var writer: String
    package var run: RunName
    /// Oldest first, numbered without gaps.
    package var attempts: [Attempt]
    /// Checkpoints whose bytes are being deleted: never resumed from again.
    package var retired: [CheckpointID]
    /// `resume_from` as it was consumed last: once per generation and value.
    package var consumedResumeFrom: ConsumedReference?
    /// A person's `reconcile resume RUN`: releases a hold and restarts the retry count.
    package var operatorResume: OperatorResume?
    /// Training time of all closed attempts of the newest generation, in seconds.
    package var trained: Seconds

    package struct ConsumedReference: Hashable, Sendable, Codable {
        package var generation: Int
        package var reference: CheckpointReference

        package init(generation: Int, reference: CheckpointReference) {
            self.generation = generation
            self.reference = reference
        }
    }

    package struct OperatorResume: Hashable, Sendable, Codable {
        package var at: Timestamp
        /// Attempts up to this one no longer count as failures.
        package var afterAttempt: Int
        /// Where to go on from; nil: the newest valid checkpoint.
        package var from: CheckpointID?

        package init(at: Timestamp, afterAttempt: Int, from: CheckpointID? = nil) {
            self.at = at
            self.afterAttempt = afterAttempt
            self.from = from
        }
    }

    package init(run: RunName, writer: String) {
        self.run = run
        self.writer = writer
        serial = 0
        attempts = []
        retired = []
        trained = 0
    }

    /// The newest attempt while it is open; at most one attempt is.
    package var openAttempt: Attempt? {
        openPlace.map { attempts[$0] }
    }

    /// The number of the open attempt.
    package var openNumber: Int? {
        openPlace.map { attempts[$0].number }
    }

    /// The launches of the open attempt.
    package var openLaunches: [Launch] {
        openPlace.map { attempts[$0].launches } ?? []
    }

    /// The launch of the open attempt that may train.
    package var openLaunch: Launch? {
        openPlace.flatMap { attempts[$0].openLaunch }
    }

    private var openPlace: Int? {
        attempts.indices.last.flatMap { attempts[$0].closure == nil ? $0 : nil }
    }

    package func attempt(_ number: Int) -> Attempt? {
        attempts.first { $0.number == number }
    }

    /// No two writes of a ledger have the same serial and writer, and much stands in one.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(run)
        hasher.combine(serial)
        hasher.combine(writer)
    }
}

/// One try at running a run.
///
/// Its number is the fencing token.
package struct Attempt: Hashable, Sendable, Codable {
    package var number: Int
    package var generation: Int
    package var digest: SpecDigest
    /// Where the resolved spec stands, and the SHA-256 of its bytes.
    package var spec: StoredReference
    package var revision: Revision
    package var source: SourceArchive?
    package var start: StartPoint
    /// What removing the manifest does: kept here, since the manifest is gone by then.
    package var onRemoval: EndPolicy.Removal
    /// `stop`, kept for the same reason.
    package var stop: StopPolicy
    /// Why it began: the plan's reason, for people.
    package var reason: String
    package var createdAt: Timestamp
    /// Numbered from 1; only the last one can be open.
    package var launches: [Launch]
    package var intent: Intent?
    package var closure: Closure?

    package init(
        number: Int, generation: Int, digest: SpecDigest, spec: StoredReference,
        revision: Revision, source: SourceArchive?, start: StartPoint,
        onRemoval: EndPolicy.Removal = .terminate, stop: StopPolicy = StopPolicy(),
        reason: String, createdAt: Timestamp, launches: [Launch] = [], intent: Intent? = nil,
        closure: Closure? = nil
    ) {
        self.number = number
        self.generation = generation
        self.digest = digest
        self.spec = spec
        self.revision = revision
        self.source = source
        self.start = start
        self.onRemoval = onRemoval
        self.stop = stop
        self.reason = reason
        self.createdAt = createdAt
        self.launches = launches
        self.intent = intent
        self.closure = closure
    }

    /// The launch that may train: the last one, unless it was closed without a machine.
    package var openLaunch: Launch? {
        launches.last.flatMap { $0.isClosed ? nil : $0 }
    }
}

/// An object and the digest of its bytes.
package struct StoredReference: Hashable, Sendable, Codable {
    package var key: String
    package var sha256: Digest

    package init(key: String, sha256: Digest) {
        self.key = key
        self.sha256 = sha256
    }
}

/// The code of a run: one Git tree, archived once.
package struct SourceArchive: Hashable, Sendable, Codable {
    package var tree: String
    package var key: String
    package var sha256: Digest
    package var size: Int

    package init(tree: String, key: String, sha256: Digest, size: Int) {
        self.tree = tree
        self.key = key
        self.sha256 = sha256
        self.size = size
    }
}

/// Where an attempt goes on from.
package struct StartPoint: Hashable, Sendable, Codable {
    package enum Kind: String, Sendable, Codable {
        /// The newest valid checkpoint on the lineage, or a fresh start when there is none yet.
        case newest
        /// `checkpoint`, named by `resume_from` or by a person.
        case named
        /// From the beginning, whatever exists.
        case fresh
    }

    package var kind: Kind
    package var checkpoint: CheckpointReference?

    package init(_ kind: Kind, checkpoint: CheckpointReference? = nil) {
        self.kind = kind
        self.checkpoint = checkpoint
    }
}

/// One intent to have a machine for an attempt: a frozen launch, or the start of a stopped machine.
package struct Launch: Hashable, Sendable, Codable {
    package var ordinal: Int
    @usableFromInline var shared: Shared<LaunchRequest>?
    /// The machine: known from the provider's answer, or the stopped one that is started.
    package var instance: InstanceID?
    package var createdAt: Timestamp
    /// Some send was not answered, or another sender took it over: then only success, an ended
    /// token, or five minutes of empty describes together with a refusal close this launch.
    package var wasUnanswered: Bool
    package var refusal: Refusal?
    /// The machine was gone from the provider's list when this was set; after five minutes of
    /// that it counts as not found.
    package var missingSince: Timestamp?
    /// It yields no machine any more.
    package var isClosed: Bool
    /// What the machine costs an hour, as known when it was asked for.
    package var hourly: Dollars?
    /// The end of the machine's console, when its agent never claimed the run.
    package var console: String?

    /// Frozen before its first send; nil when a stopped machine is started instead.
    @inlinable package var request: LaunchRequest? {
        get { shared?.value }
        set { shared = newValue.map(Shared.init) }
    }

    private enum CodingKeys: String, CodingKey {
        case ordinal, instance, createdAt, wasUnanswered, refusal, missingSince, isClosed, hourly
        case console
        case shared = "request"
    }

    /// How the provider refused.
    package struct Refusal: Hashable, Sendable, Codable {
        package enum Kind: String, Sendable, Codable {
            /// The pool is dry: the next offering is tried.
            case capacity
            /// The subnet has no free address: another subnet may do.
            case subnet
            /// The account may have no more of this family on this market in this region now.
            case quota
            /// The token's machine has ended.
            case ended
            /// The same bytes will never succeed: a person must look.
            case rejected
        }

        package var kind: Kind
        package var detail: String
        package var at: Timestamp

        package init(kind: Kind, detail: String, at: Timestamp) {
            self.kind = kind
            self.detail = detail
            self.at = at
        }
    }

    package init(
        ordinal: Int, request: LaunchRequest?, instance: InstanceID? = nil, createdAt: Timestamp,
        hourly: Dollars? = nil
    ) {
        self.hourly = hourly
        self.ordinal = ordinal
        shared = request.map(Shared.init)
        self.instance = instance
        self.createdAt = createdAt
        wasUnanswered = false
        isClosed = false
    }
}

extension Launch {
    /// No machine will come of it: what only a machine needs goes, so that a drought does not fill
    /// the ledger.
    package mutating func close() {
        isClosed = true
        request?.userData = ""
    }
}

extension Ledger {
    /// What a launch's machine was asked for with: a started one is what it was launched as.
    ///
    /// Nil when no launch that is kept says so.
    package func request(behind launch: Launch) -> LaunchRequest? {
        if let request = launch.request { return request }
        let launches = attempts.flatMap(\.launches)
        return launches.last { $0.instance == launch.instance && $0.request != nil }?.request
    }

    /// Where a launch's machine is; nil when no launch that is kept says so.
    package func region(of launch: Launch) -> String? { request(behind: launch)?.region }
}

/// The command to an attempt's agent.
///
/// A new one always has a new id.
package struct Intent: Hashable, Sendable, Codable {
    package enum Verb: String, Sendable, Codable {
        /// Take up the live-tunable fields of `spec`.
        case reconfigure
        /// Save, upload, verify, end every process, then power the machine off for good.
        case drainThenTerminate = "drain-terminate"
        /// The same, but the machine can be started again.
        case drainThenStop = "drain-stop"

        package var drains: Bool { self != .reconfigure }
    }

    package var id: String
    package var verb: Verb
    /// When the gate's time limit ends; nil for `reconfigure`.
    package var deadline: Timestamp?
    /// The spec whose live-tunable fields hold now.
    package var spec: StoredReference
    package var reason: String

    package init(
        id: String, verb: Verb, deadline: Timestamp?, spec: StoredReference, reason: String
    ) {
        self.id = id
        self.verb = verb
        self.deadline = deadline
        self.spec = spec
        self.reason = reason
    }
}

/// The end of an attempt, with the evidence that it can never train again.
package struct Closure: Hashable, Sendable, Codable {
    package enum Evidence: String, Sendable, Codable {
        case neverLaunched
        /// The attempt's own last index entry.
        case released
        case terminated
        case stopped
        /// By id, for more than five minutes, seen twice.
        case notFound
    }

    package var evidence: Evidence
    package var outcome: Outcome
    package var at: Timestamp
    /// A checkpoint was committed in this attempt.
    package var progressed: Bool
    package var detail: String

    package init(
        evidence: Evidence, outcome: Outcome, at: Timestamp, progressed: Bool, detail: String
    ) {
        self.evidence = evidence
        self.outcome = outcome
        self.at = at
        self.progressed = progressed
        self.detail = detail
    }
}

/// How an attempt ended, for the run.
package enum Outcome: String, Sendable, Codable {
    case completed
    case failed
    /// Taken away with a notice, drained as well as its time allowed.
    case interrupted
    /// Stopped on our own command.
    case drained
    /// The machine went without the agent's last word.
    case lost
    /// It never claimed its run.
    case neverStarted
    /// The training time limit of the run was reached.
    case expired
    /// Nothing valid to go on from, and the manifest forbids a fresh start: a person decides.
    case held
}
