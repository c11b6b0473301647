package import Training

/// A versioned JSON object of the store.
package protocol StoredRecord: Codable, Hashable, Sendable {
    var version: Int { get }

    /// What is wrong with a decoded value, beyond its types; nil when it is within its bounds.
    ///
    /// Records come from machines that are not trusted: nothing that passes can make arithmetic on
    /// it overflow or a walk over it endless. `key` is where it was read.
    func defect(at key: String) -> String?
}

/// A record that is changed by compare-and-swap only.
package protocol SwappedRecord: StoredRecord {
    /// Raised by each write: ETags may be content hashes, so that A → B → A would pass.
    var serial: Int { get set }
    /// One life of one process.
    var writer: String { get set }
}

/// The version of every record that this build reads and writes.
let supportedVersion = 1

/// The greatest count that a stored record may carry: JSON numbers are exact up to here.
let greatestNumber = 1 << 53

extension Ledger: SwappedRecord {
    package func defect(at key: String) -> String? {
        if key != StoreLayout.ledger(run) { return "it names the run \(run)" }
        if !(0...greatestNumber).contains(serial) { return "serial is out of range" }
        if attempts.count > Ledger.attemptLimit { return "too many attempts" }
        for (earlier, later) in zip(attempts, attempts.dropFirst())
        where later.number != earlier.number &+ 1 {
            return "attempts are not numbered without gaps"
        }
        if attempts.contains(where: { !(1...greatestNumber).contains($0.number) }) {
            return "an attempt's number is out of range"
        }
        return isSpan(trained) ? nil : "trained is out of range"
    }
}

extension ScopeRecord: SwappedRecord {
    package func defect(at key: String) -> String? {
        if !(0...greatestNumber).contains(serial) { return "serial is out of range" }
        if let applied, !(0...greatestNumber).contains(applied.sequence) {
            return "applied.sequence is out of range"
        }
        return nil
    }
}

extension Heartbeat: StoredRecord {
    package func defect(at key: String) -> String? {
        if let step, step.magnitude > greatestNumber { return "step is out of range" }
        return boot.utf8.count <= 200 ? nil : "boot is too long"
    }
}

/// Whether a span is one that can be added up and turned into milliseconds without overflow.
func isSpan(_ span: Seconds) -> Bool { (0...(1 << 40)).contains(span.count) }
