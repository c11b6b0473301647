import Glibc
import Processes
import Simulation

/// Kills a process when the double sees a certain call of it: a crash between any two calls.
struct KillRule: Decodable, Sendable {
    enum Moment: String, Decodable, Sendable {
        /// Nothing of the call is done, as if it had never been sent.
        case before
        /// It has been done; the answer never arrives.
        case after
    }

    var pid: Int32
    var when: Moment
    /// Which calls count.
    var calls: CallPattern?
    /// They count only once one of these was answered with what it asked for; left out: at once.
    var since: CallPattern?
    /// Strikes at this one, from 1; left out: never, it only counts.
    var nth: Int?

    /// What it kills; nil: there is nothing alive.
    var victim: ProcessIdentity? {
        pid > 1 ? ProcessIdentity(of: pid) : nil
    }

    /// SIGKILL, and no further before the process is gone or, at most, a second has passed.
    func kill() {
        guard let victim else { return }
        victim.signal(SIGKILL)
        for _ in 0..<1000 where victim.isAlive { usleep(1000) }
    }
}

/// The rules in force, and what each of them has met.
struct KillRules: Sendable {
    /// What a rule has met so far.
    struct Record: Encodable, Sendable {
        /// The calls that counted, in order: the operation and what it is about.
        var calls: [String] = []
        /// It struck, and its process was alive.
        var hasStruck = false
    }

    /// No more calls than this are kept of a rule, and none beyond them strikes.
    static let callLimit = 10_000

    private(set) var records: [Record] = []
    private var rules: [(rule: KillRule, hasBegun: Bool)] = []

    mutating func add(_ rule: KillRule) {
        rules.append((rule, rule.since == nil))
        records.append(Record())
    }

    /// Counts the call, and gives the rules that strike at it.
    mutating func strike(_ call: CloudCall, by arn: String) -> [KillRule] {
        var struck: [KillRule] = []
        for (place, (rule, hasBegun)) in rules.enumerated()
        where hasBegun && records[place].calls.count < KillRules.callLimit
            && rule.calls?.fits(call, by: arn) ?? true
        {
            let name = ([call.operation] + call.resources).joined(separator: " ")
            records[place].calls.append(name)
            guard records[place].calls.count == rule.nth else { continue }
            records[place].hasStruck = rule.victim != nil
            struck.append(rule)
        }
        return struck
    }

    /// A call was answered with what it asked for.
    mutating func answered(_ call: CloudCall, by arn: String) {
        for place in rules.indices where rules[place].rule.since?.fits(call, by: arn) == true {
            rules[place].hasBegun = true
        }
    }
}
