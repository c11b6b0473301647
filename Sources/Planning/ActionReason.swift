package import Training

/// Why something is done.
///
/// The code is stable, for machines; the description is for people.
package enum ActionReason: Hashable, Sendable {
    case firstAttempt
    case newGeneration(Int)
    case continues(after: Outcome, from: CheckpointID?)
    case operatorResume(from: CheckpointID?)
    /// A launch that is frozen in the ledger is finished as it stands.
    case openLaunch(ordinal: Int)
    case nextOffering(ordinal: Int, refusal: String)
    case specChanged
    case codeChanged
    case liveFieldsChanged
    case declaredStopped
    case declaredTerminated
    case removed
    case neverClaimed
    case silent(since: Timestamp)
    case gateTimeLimit(since: Timestamp)
    case supersededLaunch(ordinal: Int)
    case endedRun(Outcome)
    case attemptEnded(Closure.Evidence, Outcome)
    case launchAnswered
    case machineMissing
    case retention(keep: Int)

    package var code: String {
        switch self {
        case .firstAttempt: "FirstAttempt"
        case .newGeneration: "NewGeneration"
        case .continues(let outcome, _): "Continues" + outcome.rawValue.capitalizedFirst
        case .operatorResume: "OperatorResume"
        case .openLaunch: "OpenLaunch"
        case .nextOffering: "NextOffering"
        case .specChanged: "SpecChanged"
        case .codeChanged: "CodeChanged"
        case .liveFieldsChanged: "LiveFieldsChanged"
        case .declaredStopped: "DeclaredStopped"
        case .declaredTerminated: "DeclaredTerminated"
        case .removed: "Removed"
        case .neverClaimed: "NeverClaimed"
        case .silent: "HeartbeatSilent"
        case .gateTimeLimit: "GateTimeLimit"
        case .supersededLaunch: "SupersededLaunch"
        case .endedRun(let outcome): "Run" + outcome.rawValue.capitalizedFirst
        case .attemptEnded: "AttemptEnded"
        case .launchAnswered: "LaunchAnswered"
        case .machineMissing: "MachineMissing"
        case .retention: "Retention"
        }
    }
}

extension ActionReason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .firstAttempt: "no attempt has run yet"
        case .newGeneration(let generation): "generation \(generation) starts afresh"
        case .continues(let outcome, let checkpoint):
            "\(outcome.phrase); " + (checkpoint.map { "go on from \($0)" } ?? "start afresh")
        case .operatorResume(let checkpoint):
            "resumed by a person" + (checkpoint.map { " from \($0)" } ?? "")
        case .openLaunch(let ordinal): "launch \(ordinal) is frozen in the ledger"
        case .nextOffering(let ordinal, let refusal):
            "launch \(ordinal), since the one before was refused: \(refusal)"
        case .specChanged: "the manifest changed"
        case .codeChanged: "the code in the working directory changed"
        case .liveFieldsChanged: "fields changed that apply without a relaunch"
        case .declaredStopped: "state: stopped"
        case .declaredTerminated: "state: terminated"
        case .removed: "its manifest was removed"
        case .neverClaimed: "the machine is up, but its agent never claimed the run"
        case .silent(let since): "no heartbeat since \(since)"
        case .gateTimeLimit(let since): "the gate's time limit passed at \(since)"
        case .supersededLaunch(let ordinal): "launch \(ordinal) is not the open one"
        case .endedRun(let outcome): "the run \(outcome.phrase)"
        case .attemptEnded(let evidence, let outcome):
            "the attempt is over (\(outcome.rawValue), \(evidence.rawValue))"
        case .launchAnswered: "the launch was answered"
        case .machineMissing: "the machine is gone from the provider's list"
        case .retention(let keep): "keep: \(keep)"
        }
    }
}

extension Outcome {
    /// In a sentence about an attempt or a run.
    package var phrase: String {
        switch self {
        case .completed: "completed"
        case .failed: "failed"
        case .interrupted: "was interrupted"
        case .drained: "was drained"
        case .lost: "was lost"
        case .neverStarted: "never started"
        case .expired: "reached its training time limit"
        case .held: "found nothing valid to go on from"
        }
    }
}

extension String {
    fileprivate var capitalizedFirst: String {
        prefix(1).uppercased() + dropFirst()
    }
}
