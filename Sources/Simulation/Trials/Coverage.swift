/// What a long soak must have seen, by the names that verdicts count.
package enum Coverage {
    /// The reasons of a tally of actions, whose names begin with a verb.
    package static func reasons(in actions: Tally) -> Tally {
        var reasons = Tally()
        for (name, count) in actions.rows {
            if let reason = name.split(separator: " ").last { reasons.add(String(reason), count) }
        }
        return reasons
    }

    /// Every `ActionReason.code` that a fleet can come to by itself.
    package static let actionReasons = [
        "FirstAttempt", "NewGeneration", "ContinuesFailed", "ContinuesInterrupted",
        "ContinuesDrained", "ContinuesLost", "ContinuesNeverStarted", "OpenLaunch",
        "NextOffering", "SpecChanged", "CodeChanged", "LiveFieldsChanged", "DeclaredStopped",
        "DeclaredTerminated", "Removed", "NeverClaimed", "HeartbeatSilent", "GateTimeLimit",
        "SupersededLaunch", "RunCompleted", "RunFailed", "RunHeld", "RunExpired", "AttemptEnded",
        "LaunchAnswered", "MachineMissing", "Retention",
    ]

    /// Every `InactionReason.code`.
    package static let inactionReasons = [
        "InSync", "Completed", "DeclaredStopped", "DeclaredTerminated", "Orphaned", "Suspended",
        "Protected", "Retagged", "Unknown", "IncompleteManifests", "EmptyManifests", "Held",
        "ChangeHeld", "WaitsForNextAttempt", "Launching", "LaunchInDoubt", "MachineMissing",
        "Starting", "Draining", "GateHeld", "Ending", "Backoff", "LaunchLimit",
        "TerminationLimit", "SilentSensor", "Silent", "Failed", "NoCapacity", "TooExpensive",
        "Kept", "MetadataUnseen", "CheckpointsUnseen",
    ]

    package static let errors = ErrorClass.all

    /// Every call of a program, before and after its effect.
    package static let crashPoints = PortCall.Kind.all.flatMap { kind in
        ["\(kind.name) before", "\(kind.name) after"]
    }
}
