import Simulation
import Training

/// A region with one known subnet, and the shortest ways to use it.
struct Region {
    static let start = Timestamp(milliseconds: 1_800_000_000_000)

    var ec2: SimulatedEC2

    init(seed: UInt64 = 1, _ change: (inout SimulatedEC2.Rules) -> Void = { _ in }) {
        var rules = SimulatedEC2.Rules.prompt
        change(&rules)
        ec2 = SimulatedEC2(region: "us-east-1", at: Self.start, seed: seed, rules: rules)
    }

    /// An on-demand launch in the first zone.
    func order(_ token: String? = nil, type: String = "g5.xlarge") -> SimulatedEC2.RunInstances {
        var request = SimulatedEC2.RunInstances()
        request.imageID = ec2.place.images[0].id
        request.instanceType = type
        request.subnetID = ec2.place.subnets[0].id
        request.clientToken = token
        request.tagSpecifications = [
            SimulatedEC2.TagSpecification(
                "instance", [.init("holdfast:scope", "s"), .init("Name", "a")])
        ]
        return request
    }

    func spotOrder(persistent: Bool = false) -> SimulatedEC2.RunInstances {
        var request = order()
        var spot = SimulatedEC2.SpotOptions()
        spot.isPersistent = persistent
        spot.interruptionBehavior = persistent ? .stop : .terminate
        request.spot = spot
        return request
    }

    @discardableResult
    mutating func pass(_ milliseconds: Int64) -> [CloudEvent] {
        ec2.advance(to: Timestamp(milliseconds: ec2.now.milliseconds + milliseconds))
    }

    /// Launches and waits until it runs.
    mutating func running(_ request: SimulatedEC2.RunInstances) throws -> InstanceID {
        let machines = try ec2.runInstances(request)
        pass(1000)
        return machines[0].id
    }

    mutating func code(
        _ body: (inout SimulatedEC2) throws(CloudFailure) -> Void
    ) -> String? {
        do {
            try body(&ec2)
            return nil
        } catch {
            return error.code
        }
    }
}
