import Training

/// What was called, in order: the newest records, and how many calls of each kind there were.
package struct CallLog: Sendable {
    /// Records kept; older ones are dropped and only counted.
    package var limit = 100_000
    package private(set) var records: [CallRecord] = []
    /// How many calls there were, by `service:operation`.
    package private(set) var counts: [String: Int] = [:]
    package private(set) var total = 0

    package init() {}

    package mutating func clear() {
        records = []
        counts = [:]
    }

    mutating func note(
        _ call: CloudCall, at now: Timestamp, caller: String, outcome: String
    ) {
        total += 1
        counts["\(call.service.rawValue):\(call.operation)", default: 0] += 1
        records.append(
            CallRecord(number: total, at: now, call: call, caller: caller, outcome: outcome))
        // In large steps, so that a long life stays cheap.
        if records.count > 2 * limit { records.removeFirst(records.count - limit) }
    }
}
