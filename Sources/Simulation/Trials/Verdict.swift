package import Training

/// What came of one trial.
package struct Verdict: Hashable, Sendable {
    /// Equal for every run of one scenario.
    package var trace: UInt64 = 0
    package var events = 0
    package var coalescedPolls = 0
    /// Plans that reconcilers made.
    package var plans = 0
    /// Virtual time, in milliseconds.
    package var span: Int64 = 0
    /// How long all machines together had power, in milliseconds.
    package var machineTime: Int64 = 0
    /// When the fleet had converged, since faults ceased; nil: it did not.
    package var convergedAfter: Seconds?
    package var faults = Tally()
    package var edits = Tally()
    /// By verb and reason.
    package var actions = Tally()
    /// By reason.
    package var inactions = Tally()
    /// What ports answered.
    package var errors = Tally()
    /// Deaths of programs, by call and side of its effect.
    package var crashes = Tally()
    package var broken: [BrokenPromise] = []

    package init() {}

    /// Adds what another trial counted; its history and its end are its own.
    package mutating func count(_ other: Verdict) {
        events += other.events
        coalescedPolls += other.coalescedPolls
        plans += other.plans
        span += other.span
        machineTime += other.machineTime
        faults.add(other.faults)
        edits.add(other.edits)
        actions.add(other.actions)
        inactions.add(other.inactions)
        errors.add(other.errors)
        crashes.add(other.crashes)
    }
}
