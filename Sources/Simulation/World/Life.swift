package import Training

/// One process of the world: a reconciler of the control plane, or the agent of a machine.
package enum ProcessID: Hashable, Sendable, Comparable {
    case reconciler(Int, life: Int)
    case agent(InstanceID, life: Int)

    package static func < (a: ProcessID, b: ProcessID) -> Bool {
        switch (a, b) {
        case (.reconciler(let a, let m), .reconciler(let b, let n)): (a, m) < (b, n)
        case (.reconciler, .agent): true
        case (.agent, .reconciler): false
        case (.agent(let a, let m), .agent(let b, let n)): a == b ? m < n : a.text < b.text
        }
    }
}

extension ProcessID: CustomStringConvertible {
    package var description: String {
        switch self {
        case .reconciler(let number, let life):
            life == 1 ? "reconcile-\(number)" : "reconcile-\(number) (life \(life))"
        case .agent(let machine, let life): life == 1 ? "\(machine)" : "\(machine) (life \(life))"
        }
    }
}

/// What the world knows of one life of a process.
struct Life: Sendable {
    var isDead = false
    /// Its clock is ahead of the world's by this much; behind it when negative.
    var clockOffset: Int64 = 0
    /// Nothing of it runs until then, as after SIGSTOP or on a starved machine.
    var frozenUntil: Timestamp?
}

/// A death between two effects that waits for a program: at a call of whichever life of it makes
/// that call.
struct Death: Hashable, Sendable {
    /// How many calls are still to come, the last one among them.
    var call: Int
    /// Only these count; nil: every one.
    var kind: PortCall.Kind?
    /// Whether the call still takes effect.
    var isAfterEffect: Bool

    /// Counts a call; whether it is the last one.
    mutating func comes(at call: PortCall) -> Bool {
        guard kind.map({ $0 == call.kind }) ?? true else { return false }
        self.call -= 1
        return self.call <= 0
    }
}
