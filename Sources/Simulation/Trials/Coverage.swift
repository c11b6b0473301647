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

    /// Every `ActionReason.code`, but of outcomes after which nothing is left to end, or to go on
    /// with.
    package static let actionReasons = [
        "FirstAttempt", "NewGeneration", "ContinuesFailed", "ContinuesInterrupted",
        "ContinuesDrained", "ContinuesLost", "ContinuesNeverStarted", "ContinuesHeld",
        "ContinuesExpired", "OperatorResume", "OpenLaunch", "NextOffering", "SpecChanged",
        "CodeChanged", "LiveFieldsChanged", "DeclaredStopped", "DeclaredTerminated", "Removed",
        "NeverClaimed", "HeartbeatSilent", "GateTimeLimit", "SupersededLaunch", "RunCompleted",
        "RunFailed", "RunHeld", "RunExpired", "RunDrained", "RunLost", "AttemptEnded",
        "LaunchAnswered", "MachineMissing", "Retention",
    ]

    /// Every `InactionReason.code`.
    package static let inactionReasons = [
        "InSync", "Completed", "DeclaredStopped", "DeclaredTerminated", "Orphaned", "Suspended",
        "Protected", "Retagged", "Unknown", "IncompleteManifests", "EmptyManifests", "Held",
        "ChangeHeld", "WaitsForNextAttempt", "LaunchInDoubt", "MachineMissing", "Starting",
        "Draining", "GateHeld", "Ending", "Backoff", "LaunchLimit",
        "TerminationLimit", "SilentSensor", "Silent", "Failed", "NoCapacity",
        "QuotaExhausted", "SubnetsFull", "TooExpensive", "Kept", "MetadataUnseen",
        "CheckpointsUnseen",
    ]

    package static let errors = ErrorClass.all.filter { !beyondReach.contains($0) }

    /// Every call of a program, before and after its effect.
    package static let crashPoints = PortCall.Kind.all.flatMap { kind in
        ["\(kind.name) before", "\(kind.name) after"]
    }.filter { !beyondReach.contains($0) }

    /// What no world shows, however long it runs.
    private static let beyondReach: Set = [
        // A launch's token is the digest of its bytes: to send others under it is to be an enemy
        // who knows it. The port keeps the answer apart so that it is told as what it is.
        "launch: parametersMismatch",
        // Agents read their intents in the ledger; no program writes tags yet that hint at them.
        "compute tag before", "compute tag after",
    ]
}
