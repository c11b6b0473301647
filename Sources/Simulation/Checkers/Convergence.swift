import Planning
import Training

/// Promise 7: what has not converged, when it should have.
///
/// Compares what is declared with the machines and trainers that really are there; only the reason
/// for a deliberate difference is the plan's.
struct Convergence: Sendable {
    /// A machine that is up, as the world knows it.
    struct Machine {
        var id: InstanceID
        var digest: String?
        /// It was launched for what it does now: not stopped and started since.
        var isFresh: Bool
        var isTraining: Bool
        /// It bears the tags of its scope: who takes them away takes the machine over.
        var isOurs = true
    }

    /// Exits of trainers by run: a completed run has one of its completion's code.
    private var exits: [RunName: Set<Int>] = [:]

    mutating func ended(_ run: RunName, _ status: ExitStatus?) {
        guard let code = status?.code else { return }
        exits[run, default: []].insert(code)
    }

    /// What is wrong with one run; nil: it is as declared, or a reason says why not.
    func fault(
        of name: RunName, _ spec: RunSpec?, up: [Machine], _ reasons: [InactionReason]
    ) -> String? {
        let machines = up.filter { $0.isOurs || $0.isTraining }
        let training = machines.count(where: \.isTraining)
        if machines.count > 1, !reasons.contains(where: \.keepsMachine) {
            return "\(machines.count) machines are up: \(machines.map(\.id.text).sorted())"
        }
        guard !reasons.contains(where: \.excuses) else { return nil }
        guard let spec, spec.state == .running else {
            return machines.isEmpty ? nil : "its machine is up, though it should not be"
        }
        if reasons.contains(.completed) {
            if training > 0 { return "a trainer lives, though the run is called completed" }
            let isTrue = exits[name]?.contains(spec.completion.exitCode) == true
            return isTrue ? nil : "no trainer ended as the run's completion says"
        }
        guard training == 1, let machine = machines.first else {
            return "\(machines.count) machines are up and \(training) train, one should"
        }
        if machine.isFresh, reasons.contains(.inSync),
            machine.digest != SpecDigest(of: spec).description
        {
            return "it trains what was declared before"
        }
        return nil
    }
}

extension InactionReason {
    /// A person decided, or must decide.
    fileprivate var excuses: Bool {
        switch self {
        case .suspended, .protected, .retagged, .orphaned, .held, .failed, .changeHeld,
            .waitsForNextAttempt, .gateHeld, .kept, .tooExpensive, .incompleteManifests,
            .emptyManifests:
            true
        default: false
        }
    }

    /// A second machine may be there for it.
    fileprivate var keepsMachine: Bool {
        switch self {
        case .protected, .retagged, .orphaned, .kept, .suspended, .incompleteManifests,
            .emptyManifests, .gateHeld:
            true
        default: false
        }
    }
}
