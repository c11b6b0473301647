package import Training

/// A promise of the design beside which a checker stands.
package enum Promise: String, Hashable, Sendable, CaseIterable {
    case oneTrainer = "one trainer per run"
    case oneMachine = "one machine per intent"
    case foreign = "foreign machines are untouchable"
    case gate = "no stop without the gate"
    case nothingLost = "nothing is lost that was committed"
    case wholeReads = "a partial read deletes nothing"
    case fuse = "the fuse holds"
    case reasons = "it says why"
    case quiet = "a converged fleet is left alone"
    case growth = "records stay bounded"
    case convergence = "it converges"
}

/// A promise that the world saw broken, and where.
package struct BrokenPromise: Hashable, Sendable {
    package var promise: Promise
    package var at: Timestamp
    package var run: RunName?
    package var machine: InstanceID?
    /// What happened, for a person.
    package var detail: String

    package init(
        _ promise: Promise, at moment: Timestamp, run: RunName? = nil,
        machine: InstanceID? = nil, _ detail: String
    ) {
        self.promise = promise
        at = moment
        self.run = run
        self.machine = machine
        self.detail = detail
    }
}

extension BrokenPromise: CustomStringConvertible {
    package var description: String {
        let place = [run?.text, machine?.text].compactMap { $0 }.joined(separator: " on ")
        return "\(at) \(promise.rawValue): \(place.isEmpty ? "" : place + ": ")\(detail)"
    }
}
