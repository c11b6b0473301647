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
    // Which calls count: what is left out fits all of them.
    var service: String?
    var operation: String?
    var region: String?
    /// The beginning of one of the call's resources.
    var resource: String?
    /// Strikes at this one, from 1.
    var nth: Int

    func fits(_ call: CloudCall) -> Bool {
        (service ?? call.service.rawValue) == call.service.rawValue
            && (operation ?? call.operation) == call.operation
            && (region ?? call.region) == call.region
            && (resource.map { start in call.resources.contains { $0.hasPrefix(start) } } ?? true)
    }

    /// SIGKILL, and no further before the process is gone or, at most, a second has passed.
    func kill() {
        guard pid > 1, let process = ProcessIdentity(of: pid) else { return }
        process.signal(SIGKILL)
        for _ in 0..<1000 where process.isAlive { usleep(1000) }
    }
}

/// The rules in force, with how often each has fitted.
struct KillRules: Sendable {
    private var rules: [(rule: KillRule, met: Int)] = []

    mutating func add(_ rule: KillRule) {
        rules.append((rule, 0))
    }

    /// Counts the call, and gives the rules that strike at it.
    mutating func strike(_ call: CloudCall) -> [KillRule] {
        for index in rules.indices where rules[index].rule.fits(call) { rules[index].met += 1 }
        return rules.filter { $0.met == $0.rule.nth && $0.rule.fits(call) }.map(\.rule)
    }
}
