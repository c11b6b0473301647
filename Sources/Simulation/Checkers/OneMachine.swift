import Training

/// Promise 2: an intent yields at most one machine, and a surplus machine never trains.
struct OneMachine: Sendable {
    private var machines: [LaunchIntent: InstanceID] = [:]

    mutating func launched(
        _ machine: InstanceID, _ intent: LaunchIntent, at now: Timestamp
    ) -> BrokenPromise? {
        guard let first = machines[intent], first != machine else {
            machines[intent] = machine
            return nil
        }
        return BrokenPromise(
            .oneMachine, at: now, run: intent.run, machine: machine,
            "a second machine of \(intent), which \(first) was launched for")
    }

    /// A trainer begins on `machine`; `newest` is the newest machine of its run.
    ///
    /// A machine that was stopped and started takes the number that the ledger gives it, so only
    /// its first boot tells.
    func started(
        on machine: InstanceID, _ launch: LaunchedMachines.Machine,
        newest: LaunchedMachines.Machine, at now: Timestamp
    ) -> BrokenPromise? {
        guard launch.boots <= 1, launch.intent < newest.intent else { return nil }
        return BrokenPromise(
            .oneMachine, at: now, run: launch.intent.run, machine: machine,
            "the surplus machine of \(launch.intent) trains, though \(newest.intent) has one")
    }
}
