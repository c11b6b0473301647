import Training

/// How a simulated training process behaves; everything that chance could decide is decided here.
package struct TrainerBehaviour: Hashable, Sendable, Codable {
    /// What it does about the stop signal.
    package enum OnSignal: Hashable, Sendable, Codable {
        /// Only SIGKILL ends it.
        case ignore
        /// It knows no handler for it.
        case die
        /// Saves for so many milliseconds, then exits.
        case save(milliseconds: Int, code: Int)
    }

    /// What goes wrong in the attempts up to `untilAttempt`, when it comes to `step`.
    package struct Trouble: Hashable, Sendable, Codable {
        package enum Kind: Hashable, Sendable, Codable {
            case exit(code: Int)
            /// No more steps, and no end.
            case hang
        }

        package var kind: Kind
        package var step: Int
        package var untilAttempt: Int

        package init(_ kind: Kind, at step: Int, untilAttempt: Int) {
            self.kind = kind
            self.step = step
            self.untilAttempt = untilAttempt
        }
    }

    package var stepsPerHour = 3600
    /// It completes at this step.
    package var steps = 36_000
    /// Steps from one checkpoint to the next.
    package var saveEvery = 3600
    /// Milliseconds that the writing of one checkpoint takes.
    package var saving = 2000
    /// Checkpoints that it leaves on its disk.
    package var keeps = 2
    /// Its numbers start from 0 in each attempt, whatever it went on from.
    package var restartsNumbers = false
    package var onSignal = OnSignal.save(milliseconds: 3000, code: 0)
    package var trouble: Trouble?
    /// Each so many-th checkpoint of an attempt is damaged; nil: none.
    package var damagesEvery: Int?
    /// How long something that it started outlives it, in milliseconds.
    package var outlivedFor = 0
    /// What setup and mounts take, in milliseconds.
    package var setup = 20_000
    package var setupCode = 0
    package var mounting = 30_000

    package init() {}

    /// Milliseconds of one step.
    var pace: Double { 3_600_000 / Double(max(1, stepsPerHour)) }
}
