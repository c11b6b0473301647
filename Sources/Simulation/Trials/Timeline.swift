package import Training

/// What happened in a world, for a person who wants to know how a promise was broken.
package struct Timeline: Sendable {
    package struct Entry: Hashable, Sendable {
        package var at: Timestamp
        package var who: String
        /// Nil: it concerns every run.
        package var run: RunName?
        package var machine: InstanceID?
        package var what: String
        /// Only for whoever looks for a mistake of Holdfast's own: what it writes down.
        package var isDetail = false
    }

    package private(set) var entries: [Entry] = []
    /// The run that each machine was launched for.
    private(set) var runs: [InstanceID: RunName] = [:]

    package init() {}

    package mutating func add(
        at moment: Timestamp, _ who: String, run: RunName? = nil, machine: InstanceID? = nil,
        _ what: String, isDetail: Bool = false
    ) {
        let run = run ?? machine.flatMap { runs[$0] }
        entries.append(
            Entry(
                at: moment, who: who, run: run, machine: machine, what: what,
                isDetail: isDetail))
    }

    package mutating func launched(_ machine: InstanceID, for run: RunName) {
        runs[machine] = run
    }

    /// The last `limit` lines up to `end` about one run and its machines, and about everything.
    package func lines(
        about run: RunName?, until end: Timestamp, limit: Int = 200, withDetails: Bool = true
    ) -> [String] {
        let chosen = entries.filter { entry in
            entry.at <= end && (run == nil || entry.run == nil || entry.run == run)
                && (withDetails || !entry.isDetail)
        }
        let width = chosen.suffix(limit).map(\.who.count).max() ?? 0
        return chosen.suffix(limit).map { entry in
            let padding = String(repeating: " ", count: width - entry.who.count)
            let machine = entry.machine.map { " [\($0)]" } ?? ""
            return "\(Timeline.clock(entry.at))  \(entry.who)\(padding)  \(entry.what)\(machine)"
        }
    }

    /// Days and time since the world's beginning: `1d 02:03:04.567`.
    package static func clock(_ moment: Timestamp) -> String {
        let span = max(0, moment.milliseconds - Scenario.start.milliseconds)
        func padded(_ number: Int64, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let time = [span / 3_600_000 % 24, span / 60_000 % 60, span / 1000 % 60]
            .map { padded($0, 2) }.joined(separator: ":")
        return "\(span / 86_400_000)d \(time).\(padded(span % 1000, 3))"
    }
}
