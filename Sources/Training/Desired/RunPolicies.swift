/// What a manifest wants a run to be.
package enum DesiredState: String, Sendable, Codable, CaseIterable {
    case running
    case stopped
    case terminated
}

/// What a change does that cannot be applied to the living attempt.
package enum ChangePolicy: String, Sendable, Codable, CaseIterable {
    /// Drain now, then the next attempt with the new spec.
    case relaunch
    /// The next attempt takes it.
    case nextAttempt = "next-attempt"
    /// Nothing, until a person changes the manifest again.
    case hold
}

/// What losing a machine means for the run.
package enum InterruptionPolicy: String, Sendable, Codable, CaseIterable {
    case resume
    case hold
    case fail
}

/// What happens to the machine when its run has completed.
package enum EndPolicy: String, Sendable, Codable, CaseIterable {
    case terminate
    case stop
    case keep

    /// What removing the manifest does to the machine.
    package enum Removal: String, Sendable, Codable, CaseIterable {
        case terminate
        case stop
        case orphan
    }
}

/// What happens to the machine when its run has failed.
package enum FailurePolicy: Hashable, Sendable, Codable {
    case terminate
    /// It stays this long for a look inside, and is terminated then.
    case keep(Seconds)
}

/// How the processes of a run are asked to stop.
package struct StopPolicy: Hashable, Sendable, Codable {
    /// Name without `SIG`.
    package enum Signal: String, Sendable, Codable, CaseIterable {
        case TERM
        case INT
        case HUP
        case USR1
        case USR2
    }

    /// What the gate does when its time limit passes.
    package enum OnTimeout: String, Sendable, Codable, CaseIterable {
        /// It stays shut until a person decides.
        case hold
        /// The machine goes; the record says what was lost.
        case proceed
    }

    package var signal: Signal
    /// From the signal to SIGKILL.
    package var grace: Seconds
    package var onTimeout: OnTimeout

    package init(signal: Signal = .TERM, grace: Seconds = 60, onTimeout: OnTimeout = .hold) {
        self.signal = signal
        self.grace = grace
        self.onTimeout = onTimeout
    }
}

/// Errors without progress; interruptions and missing capacity never count.
package struct RetryPolicy: Hashable, Sendable, Codable {
    package var limit: Int
    /// Before the first retry; doubled for each one after it, at most one hour.
    package var backoff: Seconds

    package init(limit: Int = 3, backoff: Seconds = 30) {
        self.limit = limit
        self.backoff = backoff
    }
}

/// A pause that a person declared, with its reason.
package struct Suspension: Hashable, Sendable, Codable {
    package var reason: String
    /// Nil: until the field is removed.
    package var until: Timestamp?

    package init(reason: String, until: Timestamp? = nil) {
        self.reason = reason
        self.until = until
    }
}

/// The evidence that makes an exit a completion: all that is named must hold.
package struct CompletionRule: Hashable, Sendable, Codable {
    package struct JSONEvidence: Hashable, Sendable, Codable {
        /// Relative to the working directory.
        package var file: String
        /// Dots go into objects: `trainer.global_step`.
        package var field: String
        package var atLeast: Double

        package init(file: String, field: String, atLeast: Double) {
            self.file = file
            self.field = field
            self.atLeast = atLeast
        }
    }

    package var exitCode: Int
    /// A file that must exist, relative to the working directory.
    package var file: String?
    package var json: JSONEvidence?

    package init(exitCode: Int = 0, file: String? = nil, json: JSONEvidence? = nil) {
        self.exitCode = exitCode
        self.file = file
        self.json = json
    }
}
