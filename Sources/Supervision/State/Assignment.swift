package import Training

/// What the ledger gives one machine to do.
package enum Assignment: Hashable, Sendable {
    /// This attempt, and every earlier one is closed with evidence.
    case claim(Attempt, ordinal: Int)
    /// Maybe later: the fence is shut, or no number is given yet.
    case wait(attempt: Int?, reason: String)
    /// Never: the machine goes.
    case superseded(String)

    /// Reads the ledger for `instance`, launched for `attempt` and `ordinal`.
    ///
    /// A first boot is recognised by its attempt and ordinal, since the ledger may not know its
    /// machine yet; a machine that was stopped and started by the newest attempt's open launch,
    /// which names it.
    package init(
        of instance: InstanceID, launchedFor attempt: Int, ordinal: Int, in ledger: Ledger
    ) {
        guard let newest = ledger.attempts.last else {
            self = .wait(attempt: nil, reason: "the ledger has no attempt yet")
            return
        }
        guard newest.closure == nil else {
            self = Assignment(closed: ledger.attempt(attempt) ?? newest)
            return
        }
        guard newest.number >= attempt else {
            self = .wait(attempt: nil, reason: "the ledger is older than this machine")
            return
        }
        guard let launch = newest.openLaunch else {
            let last = newest.launches.last?.ordinal ?? 0
            self =
                newest.number == attempt && ordinal <= last
                ? .superseded("launch \(ordinal) of attempt \(attempt) is closed")
                : .wait(attempt: nil, reason: "attempt \(newest.number) has no open launch")
            return
        }
        let isFirstBoot = newest.number == attempt && launch.ordinal == ordinal
        guard launch.instance == instance || (isFirstBoot && launch.instance == nil) else {
            let owner = launch.instance.map(\.text) ?? "another machine"
            self = .superseded("attempt \(newest.number) belongs to \(owner)")
            return
        }
        if let open = ledger.attempts.dropLast().last(where: { $0.closure == nil }) {
            self = .wait(attempt: newest.number, reason: "attempt \(open.number) is not closed")
        } else {
            self = .claim(newest, ordinal: launch.ordinal)
        }
    }

    /// The newest attempt is closed: a machine that may be started again waits for a number,
    /// one that should not exist goes.
    private init(closed attempt: Attempt) {
        switch attempt.closure?.evidence {
        case .neverLaunched, .terminated, .notFound:
            self = .superseded("attempt \(attempt.number) is closed")
        case .released, .stopped, nil:
            self = .wait(attempt: nil, reason: "attempt \(attempt.number) is closed")
        }
    }
}
