import Training

/// What a launch asks for: one machine of one try of one attempt.
struct LaunchIntent: Hashable, Comparable, Sendable {
    var run: RunName
    var attempt: Int
    var ordinal: Int

    init(_ run: RunName, attempt: Int, ordinal: Int) {
        self.run = run
        self.attempt = attempt
        self.ordinal = ordinal
    }

    /// By the tags that EC2 saw; nil: no launch of the scope's.
    init?(tags: [String: String], scope: String) {
        guard tags[Tag.scope] == scope, let run = tags[Tag.run].flatMap({ RunName($0) }),
            let attempt = tags[Tag.attempt].flatMap({ Int($0) }),
            let ordinal = tags[Tag.ordinal].flatMap({ Int($0) })
        else { return nil }
        self.init(run, attempt: attempt, ordinal: ordinal)
    }

    static func < (a: LaunchIntent, b: LaunchIntent) -> Bool {
        (a.run, a.attempt, a.ordinal) < (b.run, b.attempt, b.ordinal)
    }
}

extension LaunchIntent: CustomStringConvertible {
    var description: String { "\(run), attempt \(attempt), launch \(ordinal)" }
}

/// The machines that reconcilers of the scope launched, as EC2 saw them.
struct LaunchedMachines: Sendable {
    struct Machine: Sendable {
        let intent: LaunchIntent
        let region: String
        var boots = 0
        /// When it was terminated for good.
        var endedAt: Timestamp?
    }

    private(set) var machines: [InstanceID: Machine] = [:]
    /// The newest machine of each run.
    private(set) var newest: [RunName: InstanceID] = [:]
    /// Those that have not been terminated.
    private(set) var alive: Set<InstanceID> = []

    subscript(id: InstanceID) -> Machine? { machines[id] }

    mutating func launched(_ id: InstanceID, _ intent: LaunchIntent, in region: String) {
        guard machines[id] == nil else { return }
        machines[id] = Machine(intent: intent, region: region)
        alive.insert(id)
        if let other = newest[intent.run].flatMap({ machines[$0] }), intent < other.intent {
            return
        }
        newest[intent.run] = id
    }

    mutating func booted(_ id: InstanceID, boot: Int) { machines[id]?.boots = boot }

    mutating func terminated(_ id: InstanceID, at moment: Timestamp) {
        guard alive.remove(id) != nil else { return }
        machines[id]?.endedAt = moment
    }

    /// How many were alive at some moment since `start`.
    func count(aliveSince start: Timestamp) -> Int {
        alive.count + machines.values.count { $0.endedAt.map { $0 >= start } ?? false }
    }
}
