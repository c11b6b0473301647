import Simulation
import Training

/// The double's own API below `/_double/`: unsigned JSON, for whoever runs the tests.
///
/// | call | does |
/// |---|---|
/// | `GET calls?after=N`, `DELETE calls` | the log of calls |
/// | `POST faults` (a `FaultOrder`), `DELETE faults[/NAME]` | what goes wrong with which calls |
/// | `POST kills` (a `KillRule`), `DELETE kills` | kills the caller at its n-th call |
/// | `GET kills` | for each of these rules, which calls it met and whether it killed |
/// | `GET instances` | machines as they really are |
/// | `POST instances/ID/ACT` | what befalls a machine, see `Control+World.swift` |
/// | `POST regions/REGION/THING` | capacity, prices, quotas, rules |
/// | `POST ACCOUNT-THING` | roles, users, parameters, queues, see `Control+Account.swift` |
/// | `objects/…` | buckets from outside, see `Control+Objects.swift` |
/// | `POST clock` `{"milliseconds"}` | sets the clock forward |
/// | `POST init/ID` | what a machine's shims ask its init |
/// | `POST end` | kills all machines; answers when they are dead |
final class Control: Sendable {
    static let prefix = "/_double/"

    let cloud: Cloud
    let fleet: MachineFleet
    private let router: CallRouter

    init(cloud: Cloud, fleet: MachineFleet, router: CallRouter) {
        self.cloud = cloud
        self.fleet = fleet
        self.router = router
    }

    /// Why a call of the control API is refused.
    struct Refusal: Error {
        var status: Int
        var message: String

        static let unknown = Refusal(status: 404, message: "there is no such call")

        static func malformed(_ message: String) -> Refusal {
            Refusal(status: 400, message: message)
        }
    }

    func answer(_ request: WireRequest) -> WireAnswer {
        do throws(Refusal) {
            return try perform(request)
        } catch {
            return WireAnswer(error.status, type: "text/plain", error.message + "\n")
        }
    }

    private func perform(_ request: WireRequest) throws(Refusal) -> WireAnswer {
        let path = request.path.dropFirst(Control.prefix.count).split(separator: "/")
            .map { PercentCoding.decode($0) }
        if path.first == "objects", path.count >= 2 {
            return try look(request, path[1], path.dropFirst(2).joined(separator: "/"))
        }
        switch (request.method, path.first, path.dropFirst().first, path.dropFirst(2).first) {
        case ("GET", "calls", nil, nil):
            let after = request.parameters.first { $0.name == "after" }
            return json(calls(after: after.flatMap { Int($0.value) } ?? 0))
        case ("DELETE", "calls", nil, nil):
            cloud.with { $0.log.clear() }
            return done
        case ("POST", "faults", nil, nil):
            try add(try read(FaultOrder.self, request.body))
            return done
        case ("DELETE", "faults", let name, nil):
            cloud.with { if let name { $0.faults.set(name, nil) } else { $0.faults.clear() } }
            return done
        case ("POST", "kills", nil, nil):
            router.add(try read(KillRule.self, request.body))
            return done
        case ("GET", "kills", nil, nil): return json(KillList(kills: router.killRecords))
        case ("DELETE", "kills", nil, nil):
            router.add(nil)
            return done
        case ("GET", "instances", nil, nil): return json(machines())
        case ("POST", "instances", let id?, let act?):
            try befall(InstanceID(id), act, request.body)
            return done
        case ("POST", "regions", let region?, let thing?):
            try change(region, thing, request.body)
            return done
        case ("POST", "clock", nil, nil):
            let span = try read(Span.self, request.body).milliseconds
            cloud.clock.advance(milliseconds: span)
            cloud.move()
            return done
        case ("POST", "init", let id?, nil): return try order(InstanceID(id), request.body)
        case ("POST", "end", nil, nil):
            _ = blocking { [fleet] in await fleet.end() }
            return done
        case ("POST", let thing?, nil, nil):
            try set(thing, request.body)
            return done
        default: throw .unknown
        }
    }

    private struct KillList: Encodable { var kills: [KillRules.Record] }
    private struct Span: Decodable { var milliseconds: Int64 }

    private var done: WireAnswer { WireAnswer(200, type: "application/json", "{}\n") }

    func json(_ value: some Encodable) -> WireAnswer {
        WireAnswer(
            200, headers: [("Content-Type", "application/json")],
            body: CanonicalJSON.encode(value))
    }

    /// An empty body reads as `{}`.
    func read<Value: Decodable>(
        _ type: Value.Type, _ body: [UInt8]
    ) throws(Refusal) -> Value {
        do throws(CanonicalJSON.Failure) {
            return try CanonicalJSON.decode(type, from: body.isEmpty ? Array("{}".utf8) : body)
        } catch {
            throw .malformed("\(error)")
        }
    }

    /// The words come one a line; the exit code and the text go back the same way.
    private func order(_ id: InstanceID, _ body: [UInt8]) throws(Refusal) -> WireAnswer {
        guard let member = fleet[id] else { throw .unknown }
        let words = String(decoding: body, as: UTF8.self).split(separator: "\n").map(String.init)
        let outcome = blocking { await member.machine.order(words) }
        let lines = [String(outcome?.code ?? 1), outcome?.text ?? ""].filter { !$0.isEmpty }
        return WireAnswer(200, type: "text/plain", lines.joined(separator: "\n"))
    }
}
