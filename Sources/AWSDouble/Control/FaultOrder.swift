import Simulation
import Training

/// A fault as the control API takes it: which calls, how often, what happens.
struct FaultOrder: Decodable, Sendable {
    enum Effect: String, Decodable, Sendable {
        /// Answered with `status`, `code` and `message`; nothing is done.
        case refuse
        /// Done, and answered with `status`, `code` and `message` all the same.
        case refuseAfter
        /// Done; the connection closes without an answer.
        case loseReply
        /// Not done; the connection closes without an answer.
        case unreachable
        /// Answered `milliseconds` late.
        case delay
    }

    /// Replaces the fault of the same name.
    var name: String
    // Which calls, with AWS's wildcards in operation and resource; what is left out fits all.
    var service: String?
    var operation: String?
    var region: String?
    /// `bucket`, `bucket/key`, an instance id, a parameter's name.
    var resource: String?
    var accessKey: String?
    // Which of those that fit: one of these, or all.
    var nth: Int?
    var first: Int?
    var chance: Double?
    /// Milliseconds from now; left out: for good.
    var lasts: Int64?
    var effect: Effect
    var status: Int?
    var code: String?
    var message: String?
    var milliseconds: Int64?

    func rule(at now: Timestamp) throws(Control.Refusal) -> FaultRule {
        var known: CloudCall.Service?
        if let service {
            known = CloudCall.Service(rawValue: service)
            guard known != nil else { throw .malformed("no such service: \(service)") }
        }
        let occurrence: FaultRule.Occurrence =
            if let nth { .nth(nth) } else if let first { .first(first) } else if let chance {
                .chance(chance)
            } else { .always }
        return FaultRule(
            service: known, operation: operation, region: region, resource: resource,
            accessKey: accessKey, occurrence: occurrence, effect: try modelled(),
            until: lasts.map { Timestamp(milliseconds: now.milliseconds + $0) })
    }

    private func modelled() throws(Control.Refusal) -> FaultRule.Effect {
        switch effect {
        case .refuse: return .refuse(try failure())
        case .refuseAfter: return .refuseAfter(try failure())
        case .loseReply: return .loseReply
        case .unreachable: return .unreachable
        case .delay:
            guard let milliseconds else { throw .malformed("delay needs milliseconds") }
            return .delay(milliseconds)
        }
    }

    private func failure() throws(Control.Refusal) -> CloudFailure {
        guard let status, let code else { throw .malformed("\(effect) needs status and code") }
        return CloudFailure(status: status, code, message ?? "The double was told to say so.")
    }
}
